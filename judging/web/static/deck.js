// The deck beside the form: whether it is folded, the place in it, and which of the two panes a phone shows. Without
// this file everything can be read; the places are kept by the browser as long as the page is open.

const deck = document.getElementById("pane-deck");
if (deck) start(deck);

function start(deck) {
  const box = deck.querySelector(".deck-box");
  const beside = deck.parentElement;
  const tabs = [...document.querySelectorAll(".pane-tabs a")];
  const isDesk = matchMedia("(min-width: 62rem)");
  const FOLDED = "judging-deck-folded";
  const place = `judging-deck:${deck.dataset.deck}`;

  const scroller = () => (isDesk.matches ? box : deck);

  // Folding is for the desk: on a phone the other pane is out of sight anyway.
  function applyFold() {
    deck.open = !(isDesk.matches && read(localStorage, FOLDED) === "1");
  }
  deck.addEventListener("toggle", () => {
    if (isDesk.matches) write(localStorage, FOLDED, deck.open ? "0" : "1");
  });
  isDesk.addEventListener("change", applyFold);
  applyFold();

  // The place as a share of the height: after turning the phone or on the desk it is the same page.
  function restore() {
    const share = Number(read(sessionStorage, place) ?? 0);
    if (share) scroller().scrollTop = share * scroller().scrollHeight;
  }
  for (const element of [box, deck]) {
    element.addEventListener("scroll", () => {
      if (element !== scroller()) return;
      write(sessionStorage, place, String(element.scrollTop / Math.max(1, element.scrollHeight)));
    }, { passive: true });
  }
  restore();

  // On a phone the slides have no place and are not loaded before this.
  function bringNear() {
    deck.classList.add("is-near");
    restore();
  }

  function showTab() {
    if (beside.scrollLeft > 0 && !deck.classList.contains("is-near")) bringNear();
    const isDeck = beside.scrollLeft > beside.clientWidth / 2;
    for (const tab of tabs) {
      if ((tab.hash === "#pane-deck") === isDeck) tab.setAttribute("aria-current", "true");
      else tab.removeAttribute("aria-current");
    }
    // What is out of sight is not reached by the keyboard either.
    const isPhone = !isDesk.matches;
    document.getElementById("pane-form").inert = isPhone && isDeck;
    deck.inert = isPhone && !isDeck;
  }
  beside.addEventListener("scroll", showTab, { passive: true });
  isDesk.addEventListener("change", showTab);
  for (const tab of tabs) {
    tab.addEventListener("click", (event) => {
      event.preventDefault();
      const pane = document.querySelector(tab.hash);
      pane.inert = false;
      bringNear();
      beside.scrollTo({ left: pane.offsetLeft - beside.offsetLeft });
      if (pane === deck) box.focus({ preventScroll: true });
    });
  }
  if (location.hash === "#pane-deck" && !isDesk.matches) beside.scrollLeft = deck.offsetLeft;
  showTab();
}

function read(storage, name) {
  try {
    return storage.getItem(name);
  } catch {
    return null; // The storage is disabled.
  }
}

function write(storage, name, value) {
  try {
    storage.setItem(name, value);
  } catch {
    return; // The place is forgotten with the page.
  }
}
