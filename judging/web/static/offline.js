// Keep the judge's pages in this browser, for work without a connection, and remove them again.

import { removeWaiting } from "./background.js";
import { start as startDecks } from "./kept_decks.js";

const CACHE = "judging-offline";
const DECKS = "judging-decks"; // images of slides: see kept_decks.js

const OWNER = "judging-offline"; // the person whose pages are kept

const box = document.getElementById("offline");
if (box && "serviceWorker" in navigator && "caches" in globalThis) start(box);

function start(box) {
  const text = box.dataset;
  const [keepButton, removeButton] = box.querySelectorAll("button");
  const status = box.querySelector("[role=status]");

  async function show() {
    const isKept = await caches.has(CACHE);
    keepButton.textContent = isKept ? text.textAgain : text.textKeep;
    removeButton.hidden = !isKept;
    if (!status.textContent && isKept) status.textContent = text.textKept;
    // In a closed round nothing is left to keep, but what is kept can be removed.
    box.hidden = !text.open && !isKept;
    keepButton.hidden = !text.open;
    await decks?.show(isKept);
  }

  const decks = startDecks(box, DECKS);

  keepButton.addEventListener("click", async () => {
    keepButton.disabled = true;
    try {
      localStorage.setItem(OWNER, text.person);
      await keepAll();
      status.textContent = text.textKept;
    } catch {
      await remove();
      status.textContent = text.textFailed;
    }
    keepButton.disabled = false;
    show();
  });
  removeButton.addEventListener("click", async () => {
    await remove();
    status.textContent = "";
    show();
  });

  async function keepAll() {
    await navigator.serviceWorker.register(text.worker, { scope: text.scope });
    const cache = await caches.open(CACHE);
    const addresses = JSON.parse(text.pages);
    for (const [done, address] of addresses.entries()) {
      status.textContent = text.textProgress.replace("{done}", done).replace("{all}", addresses.length);
      const answer = await fetch(address, { redirect: "error" });
      if (!answer.ok) throw new Error(address);
      await keepFilesOf(cache, await answer.clone().text());
      await cache.put(new URL(address, location).href, answer);
    }
  }

  async function keepFilesOf(cache, page) {
    const shown = new DOMParser().parseFromString(page, "text/html");
    const scripts = [...shown.querySelectorAll("script[src]")].map((script) => script.getAttribute("src"));
    const styles = [...shown.querySelectorAll("link[href]")].map((link) => link.getAttribute("href"));
    // Modules import their neighbours: all scripts of the judge's pages are under one digest.
    const modules = scripts.length ? JSON.parse(text.modules) : [];
    for (const address of new Set([...scripts, ...styles, ...modules])) {
      if (!(await cache.match(address))) await cache.add(address);
    }
  }

  show();
}

// The pages of another person are removed as soon as somebody else has signed in.
export async function removeOfOthers(person) {
  const owner = globalThis.localStorage?.getItem(OWNER);
  if (owner && owner !== person) await remove();
}

// Go to a page without a connection, if it is kept; what waits is sent from there.
export async function openKept(page) {
  if ("caches" in globalThis && navigator.serviceWorker?.controller && (await caches.match(page, { ignoreVary: true }))) location.assign(page);
}

// Keep pages as the service shows them now.
export function refresh(...pages) {
  navigator.serviceWorker?.controller?.postMessage({ refresh: pages });
}

// On signing out nothing of the judge's pages stays in this browser.
export async function remove() {
  if (!("caches" in globalThis)) return;
  localStorage.removeItem(OWNER);
  removeWaiting();
  await caches.delete(CACHE);
  await caches.delete(DECKS);
  const workers = (await navigator.serviceWorker?.getRegistrations()) ?? [];
  await Promise.all(workers.map((worker) => worker.unregister()));
}
