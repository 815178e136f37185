// Ask an address every few seconds whether something has changed, over a network that may be bad: with the ETag of the
// last answer, so that nothing new is 304 without a body; less often when answers are slow or do not come; not at all
// while nobody sees the page. Every answer says the time of the service, by which the clock of this device is corrected.

const EVERY = 3000; // milliseconds
const PATIENCE = 10000;
const LONGEST = 15000;
const GOOD = 400; // milliseconds there and back: with more, an earlier, faster answer knows the time better
const STALE = 60000;

let offset = 0; // of the service's clock to this device's
let took = Infinity;
let setAt = 0;

export function serverNow() {
  return Date.now() + offset;
}

// The time that a page was made with: better than this device's own until an answer has been timed.
export function assume(time) {
  if (took === Infinity && time) offset = time - Date.now();
}

function correct(time, began) {
  const ended = Date.now();
  const trip = ended - began;
  if (trip > took && trip > GOOD && ended - setAt < STALE) return;
  offset = time - (began + trip / 2);
  took = trip;
  setAt = ended;
}

// `changed(answer)` gets what has changed, `lost()` is called when no answer came, `found()` after every answer.
export function poll(address, { accept, changed, lost, found }) {
  let etag = null;
  let timer = null;
  let isAsking = false;
  let failures = 0;

  async function ask() {
    clearTimeout(timer);
    if (isAsking || document.visibilityState === "hidden") return;
    isAsking = true;
    const ended = new AbortController();
    const patience = setTimeout(() => ended.abort(), PATIENCE);
    const began = Date.now();
    try {
      const headers = { Accept: accept };
      if (etag) headers["If-None-Match"] = etag;
      const answer = await fetch(address, { headers, cache: "no-store", redirect: "error", signal: ended.signal });
      const time = Number(answer.headers.get("X-Server-Time"));
      // A captive portal answers with pages of its own.
      if (!time || !(answer.ok || answer.status === 304)) throw new Error(String(answer.status));
      correct(time, began);
      if (answer.ok) changed(accept === "application/json" ? await answer.json() : await answer.text());
      etag = answer.headers.get("ETag");
      failures = 0;
      found();
    } catch {
      failures += 1;
      lost();
    }
    clearTimeout(patience);
    isAsking = false;
    // One lost answer is bad luck; after several in a row the network, or the service, needs peace.
    const patient = 2 ** Math.max(0, Math.min(failures - 2, 3));
    const pause = Math.min(Math.max(EVERY, 3 * (Date.now() - began)) * patient, LONGEST);
    // At random a little earlier or later: a room of phones that were woken together must not ask together.
    timer = setTimeout(ask, pause * (0.85 + 0.3 * Math.random()));
  }

  document.addEventListener("visibilitychange", ask);
  addEventListener("online", () => {
    failures = 0;
    ask();
  });
  ask();
  return ask;
}

// Seconds that are left as 4:05, and below zero as −0:12.
export function clockText(seconds) {
  const whole = Math.abs(Math.floor(seconds));
  return `${seconds < 0 ? "−" : ""}${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

// What is left of a phase: `limit` and `used` in seconds, `since` in milliseconds or null when the clock stands still.
export function left({ limit, used, since }) {
  return limit - used - (since === null ? 0 : Math.max(0, (serverNow() - since) / 1000));
}
