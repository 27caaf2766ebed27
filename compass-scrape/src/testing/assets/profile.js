(() => {
  const scopes = JSON.parse(document.getElementById('__UNIVERSAL_DATA_FOR_REHYDRATION__').textContent).__DEFAULT_SCOPE__;
  const user = scopes['webapp.user-detail'].userInfo.user;
  const words = scopes['webapp.i18n-translation'].Webapp;
  const list = document.getElementById('user-post-item-list');
  const more = document.getElementById('more');
  let cursor = '0';
  let loading = false;

  // Lists give rounded numbers, so one digit after the point is all there is.
  const abbreviated = (n) => {
    for (const [unit, suffix] of [[1e9, 'B'], [1e6, 'M'], [1e4, 'K']]) {
      if (n >= unit) return `${Number((n / (suffix === 'K' ? 1e3 : unit)).toFixed(1))}${suffix}`;
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
    const alt = `${item.desc} created by ${item.author.nickname} with ${item.music.authorName}’s ${item.music.title}`;
    const link = element('a', { href: `/@${user.uniqueId}/${kind}/${item.id}`, tabindex: '-1' },
      element('img', { alt, loading: 'lazy', src: item.video.cover }),
      element('strong', { 'data-e2e': 'video-views' }, abbreviated(item.stats.playCount)));
    if (item.isPinnedItem) link.append(element('div', { 'data-e2e': 'video-card-badge' }, 'Pinned'));
    return element('div', { id: `grid-item-container-${list.children.length}` },
      element('div', { 'data-e2e': 'user-post-item', tabindex: '0', role: 'button' }, link));
  };

  const failed = () => {
    list.replaceWith(element('div', {}, element('p', {}, words.server_error_title), element('button', {}, words.refresh)));
  };

  const load = () => {
    if (loading) return;
    loading = true;
    const request = new XMLHttpRequest();
    request.open('GET', `/api/post/item_list/?secUid=${encodeURIComponent(user.secUid)}&count=35&cursor=${cursor}&coverFormat=2`);
    request.onload = () => {
      let answer = null;
      try { answer = JSON.parse(request.responseText); } catch { /* an empty answer leaves the grid empty */ }
      if (answer === null) return;
      if (answer.statusCode !== 0) {
        // While a captcha is open the grid waits for it.
        if (answer.type !== 'verify') failed();
        return;
      }
      list.append(...answer.itemList.map(card));
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
  watcher.observe(more);
})();
