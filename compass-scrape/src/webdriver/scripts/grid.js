// The rendered header and the list of posts, without the rest of the page.
const cap = arguments[0];
const page = document.querySelector('[data-e2e="user-page"]');
const list = document.querySelector('[data-e2e="user-post-item-list"]');
const parts = [page, list].filter((part) => part && !(part === list && page && page.contains(list)));
const html = parts.map((part) => part.outerHTML).join('\n');
return { length: html.length, html: html.length <= cap ? html : null };
