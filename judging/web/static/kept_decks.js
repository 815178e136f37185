// Keep the slides of the assigned proposals in this browser: images of one width, page by page, for the service worker.

const BEHIND = new Set(["QuotaExceededError", "NS_ERROR_DOM_QUOTA_REACHED"]);

// Returns nothing when there are no slides to keep.
export function start(box, cacheName) {
  const button = document.getElementById("keep-decks");
  const status = document.getElementById("decks-status");
  if (!button) return null;
  const text = box.dataset;
  const width = matchMedia("(min-width: 62rem)").matches ? "desk" : "phone";
  const decks = JSON.parse(text.decks).map((deck) => ({
    pages: Array.from({ length: deck.pages }, (_, index) => new URL(`${deck.base}${index + 1}-${width}.webp`, location).href),
    bytes: deck.bytes[width],
  }));
  const all = decks.flatMap((deck) => deck.pages);
  const total = decks.reduce((sum, deck) => sum + deck.bytes, 0);
  let problem = "";

  const megabytes = (bytes) => new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: bytes < 1e7 ? 1 : 0 }).format(bytes / 1e6);
  const say = (wording, values) => Object.entries(values).reduce((said, [name, value]) => said.replace(`{${name}}`, value), wording);

  // Slides are kept beside the pages: without these, nothing would show them.
  async function show(arePagesKept) {
    button.hidden = !arePagesKept;
    if (!arePagesKept) {
      status.textContent = "";
      return;
    }
    const kept = await keptAddresses();
    const whole = decks.filter((deck) => deck.pages.every((page) => kept.has(page)));
    const done = whole.reduce((sum, deck) => sum + deck.bytes, 0);
    const values = { all: decks.length, done: whole.length, size: megabytes(total) };
    button.hidden = whole.length === decks.length;
    button.textContent = say(whole.length ? text.textDecksRest : text.textDecks, { size: megabytes(total - done) });
    const state = whole.length === decks.length ? text.textDecksKept : whole.length ? text.textDecksSome : "";
    status.textContent = problem || say(state, values);
  }

  async function keptAddresses() {
    if (!(await caches.has(cacheName))) return new Set();
    return new Set((await (await caches.open(cacheName)).keys()).map((request) => request.url));
  }

  button.addEventListener("click", async () => {
    button.disabled = true;
    problem = "";
    // Otherwise a browser may remove them when the device needs room.
    await navigator.storage?.persist?.().catch(() => false);
    let done = 0;
    try {
      const cache = await caches.open(cacheName);
      const kept = await keptAddresses();
      // Slides that were replaced take room for nothing.
      for (const address of kept) if (!all.includes(address)) await cache.delete(address);
      for (const deck of decks) {
        for (const page of deck.pages) {
          if (!kept.has(page)) await keepPage(cache, page);
          done += deck.bytes / deck.pages.length;
          status.textContent = say(text.textDecksProgress, { done: megabytes(done), size: megabytes(total) });
        }
      }
    } catch (error) {
      problem = say(BEHIND.has(error.name) ? text.textFull : text.textDecksFailed, { done: megabytes(done), size: megabytes(total) });
    }
    button.disabled = false;
    await show(true);
  });

  async function keepPage(cache, page) {
    // Where files have a host of their own, the service sends us on to it; anything else would be a portal's answer.
    const answer = await fetch(page, { redirect: text.files ? "follow" : "error" });
    if (text.files && !answer.url.startsWith(`${text.files}/`)) throw new Error(page);
    if (!answer.ok || answer.headers.get("Content-Type") !== "image/webp") throw new Error(page);
    await cache.put(page, answer);
  }

  return { show };
}
