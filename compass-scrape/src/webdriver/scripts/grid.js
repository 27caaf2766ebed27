// The list of posts, without the rest of the page.
const [cap] = arguments;
const list = document.querySelector('[data-e2e="user-post-item-list"]');
const html = list ? list.outerHTML : '';
return { characters: html.length, html: html.length <= cap ? html : null };
