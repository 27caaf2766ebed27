// Goes on to the last post that is shown and beyond it, as a reader does.
const cards = document.querySelectorAll('[data-e2e="user-post-item"]');
if (cards.length > 0) {
  // Whichever element scrolls, this moves it.
  cards[cards.length - 1].scrollIntoView({ block: 'end' });
}
window.scrollBy(0, window.innerHeight);
return null;
