(() => {
  const settings = JSON.parse(document.getElementById('stand-in').textContent);
  const list = document.querySelector('[data-e2e="user-post-item-list"]');
  const more = document.getElementById('more');
  let { cursor } = settings;
  let loading = false;

  // Lists give rounded numbers, so one digit after the point is all there is.
  const abbreviated = (n) => {
    for (const [least, unit, suffix] of [[1e9, 1e9, 'B'], [1e6, 1e6, 'M'], [1e4, 1e3, 'K']]) {
      if (n >= least) return String(Number((n / unit).toFixed(1))).replace('.', settings.decimal) + suffix;
    }
    return String(n);
  };

  const element = (name, attributes, ...children) => {
    const made = document.createElement(name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    made.append(...children);
    return made;
  };

  const card = (item) => {
    const kind = item.imagePost ? 'photo' : 'video';
    const texts = { videoText: item.desc, videoAuthor: item.author.nickname, musicAuthor: item.music.authorName, musicName: item.music.title };
    const alt = settings.cover.replace(/\{(\w+)\}/g, (_, name) => texts[name]);
    const href = item.liveRoomInfo ? `/@${settings.handle}/live` : `/@${settings.handle}/${kind}/${item.id}`;
    const link = element('a', { href, tabindex: '-1' }, element('img', { alt, loading: 'lazy', src: item.video.cover }));
    if (settings.views && item.stats) link.append(element('strong', { 'data-e2e': 'video-views' }, abbreviated(item.stats.playCount)));
    if (item.isPinnedItem) link.append(element('div', { 'data-e2e': 'video-card-badge' }, settings.pinned));
    const post = element('div', { 'data-e2e': 'user-post-item', tabindex: '0', role: 'button' }, link);
    const id = settings.ids ? { id: `grid-item-container-${list.children.length}` } : {};
    return element('div', {}, element('div', id, post));
  };

  const failed = () => {
    const [title, explanation, refresh] = settings.error;
    const button = element('button', { type: 'button' }, refresh);
    const message = element('main', {}, element('p', {}, title), element('p', {}, explanation), button);
    button.addEventListener('click', () => {
      message.replaceWith(list);
      loading = false;
      load();
    });
    list.replaceWith(message);
  };

  const load = () => {
    if (loading) return;
    loading = true;
    const request = new XMLHttpRequest();
    request.open('GET', `/api/post/item_list/?secUid=${encodeURIComponent(settings.secUid)}&count=35&cursor=${cursor}&coverFormat=2`);
    request.onload = () => {
      let answer = null;
      try { answer = JSON.parse(request.responseText); } catch { /* what is no JSON leaves the grid as it is */ }
      if (answer === null) return;
      if (answer.statusCode !== 0) {
        // While a captcha is open the grid waits for it.
        if (answer.type !== 'verify') failed();
        return;
      }
      for (const item of answer.itemList ?? []) list.append(card(item));
      cursor = answer.cursor;
      loading = !answer.hasMore;
      watcher.unobserve(more);
      if (answer.hasMore) watcher.observe(more);
    };
    request.onerror = failed;
    request.send();
  };

  const watcher = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && load(),
    { rootMargin: '400px' });
  if (settings.hasMore) watcher.observe(more);
})();
