// Copies of scoresheets in this browser: what was typed and is not known to be stored. Every open page has a copy of
// its own, under `judging:<person>:<assignment>:<page>`, so that no page removes the text of another.
//
// A copy: {at, title, page, api, version, content, values, labels, unknown, submit, needs}. `content` is what is sent,
// `values` the fields as typed, `labels` their names in words, `unknown` the bodies that were sent and of which no answer
// came, `needs` why only the judge can settle it (see `needOf` in deliver.js): such a copy is not sent by itself.

import { leave, takeBack } from "./background.js";

const WAIT = 250; // milliseconds for other pages to say which copies are theirs
export const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("judging") : null;

const mine = new Set();

// Whether a key of a copy is that of a person, by the person's number.
export function isOf(key, person) {
  return key.split(":")[1] === String(person);
}

export function ownKey(prefix) {
  const key = `${prefix}:${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
  mine.add(key);
  channel?.addEventListener("message", (event) => {
    if (event.data.ask) channel.postMessage({ alive: key });
  });
  return key;
}

export function keep(key, copy) {
  try {
    localStorage.setItem(key, JSON.stringify({ ...copy, at: Date.now() }));
  } catch {
    return false;
  }
  leave(key, copy);
  tell();
  return true;
}

export function forget(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    return; // Without local storage there is no copy to remove.
  }
  takeBack(key);
  tell();
}

function tell() {
  channel?.postMessage({ changed: true });
  dispatchEvent(new Event("judging:kept"));
}

export function copies(prefix) {
  const listed = [];
  try {
    for (const key of Object.keys(localStorage)) {
      if (key !== prefix && !key.startsWith(`${prefix}:`)) continue;
      const copy = JSON.parse(localStorage.getItem(key));
      if (copy?.values) listed.push({ key, copy: { at: 0, unknown: [], ...copy } });
    }
  } catch {
    return []; // The local storage is disabled.
  }
  return listed.sort((first, second) => first.copy.at - second.copy.at);
}

// What was typed, as text to read and to copy.
export function wording(values, labels) {
  return Object.entries(values)
    .filter(([, value]) => value)
    .map(([name, value]) => `${labels[name] ?? name}${labels[":"]}${value}`)
    .join("\n");
}

// The copies of pages that are no longer open, oldest first.
export async function leftBehind(prefix) {
  if (!copies(prefix).length) return [];
  const alive = new Set();
  const listen = (event) => alive.add(event.data.alive);
  channel?.addEventListener("message", listen);
  channel?.postMessage({ ask: true });
  await new Promise((resolve) => setTimeout(resolve, channel ? WAIT : 0));
  channel?.removeEventListener("message", listen);
  return copies(prefix).filter(({ key }) => !alive.has(key) && !mine.has(key));
}
