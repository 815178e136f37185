// What waits is also left where the service worker can read it: browsers that can send in the background do so after
// the page is closed. The page sends it again when it is opened; the service stores the same content once.

import { bodyOf } from "./deliver.js";

const DATABASE = "judging-outbox"; // read by offline_worker.js
const STORE = "waiting";

// Only where the judge keeps the pages in this browser is there a worker.
const hasWorker = () => Boolean(navigator.serviceWorker?.controller) && "indexedDB" in globalThis;

function write(change) {
  if (!hasWorker()) return;
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: "key" });
  opening.onsuccess = () => {
    const database = opening.result;
    const transaction = database.transaction(STORE, "readwrite");
    change(transaction.objectStore(STORE));
    transaction.oncomplete = () => database.close();
  };
}

export function leave(key, copy) {
  // What needs a decision waits for its judge.
  if (copy.chosenOn !== undefined || copy.needs) return takeBack(key);
  if (!copy.api || !copy.content) return;
  write((store) => store.put({ key, at: Date.now(), api: copy.api, page: copy.page, body: bodyOf(copy) }));
}

export function takeBack(key) {
  write((store) => store.delete(key));
}

// Ask for it to be sent as soon as there is a connection, even when this page is closed by then.
export function sendLater() {
  if (hasWorker()) navigator.serviceWorker.ready.then((registration) => registration.sync?.register("outbox")).catch(() => {});
}

export function removeWaiting() {
  if ("indexedDB" in globalThis) indexedDB.deleteDatabase(DATABASE);
}
