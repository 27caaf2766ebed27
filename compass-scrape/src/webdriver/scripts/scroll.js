// Goes on to the last post that is shown, as a reader does, and counts the posts.
const cards = document.querySelectorAll('[data-e2e="user-post-item"]');
if (cards.length > 0) {
  cards[cards.length - 1].scrollIntoView({ block: 'end' });
} else {
  window.scrollBy(0, window.innerHeight);
}
return cards.length;
