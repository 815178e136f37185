// The service worker of the judge's pages: without a connection it shows the pages that the judge has kept. It keeps
// nothing by itself: only where the judge asked for it there is a cache. What was typed is not here: see kept.js.

const CACHE = "judging-offline";
const DECKS = "judging-decks";
const SLIDE = /^\/files\/[^/]+\/[^/]+\/deck\/[0-9a-f]+\/\d+-(phone|desk)\.webp$/;
const PATIENCE = 8000; // milliseconds for the network before the kept page is shown

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  // The address of a static file contains its digest: it never changes.
  if (url.pathname.startsWith("/static/")) event.respondWith(firstFromCache(request));
  // So does that of a slide, and whoever is signed out has no kept ones.
  else if (SLIDE.test(url.pathname)) event.respondWith(slide(request, url));
  else if (request.mode === "navigate") event.respondWith(page(request));
});

self.addEventListener("message", (event) => {
  // The page was saved: keep it as the service shows it now.
  if (event.data.refresh) event.waitUntil(Promise.all(event.data.refresh.map(refresh)));
});

self.addEventListener("sync", (event) => {
  if (event.tag === "outbox") event.waitUntil(sendWaiting());
});

async function firstFromCache(request) {
  return (await caches.match(request)) ?? fetch(request);
}

// Without a connection a slide of the other width is better than none.
async function slide(request, url) {
  const kept = await caches.match(request, { ignoreVary: true });
  if (kept) return kept;
  try {
    return await fetch(request);
  } catch {
    const other = url.pathname.endsWith("-phone.webp") ? "desk" : "phone";
    const address = url.href.replace(/-(phone|desk)\.webp$/, `-${other}.webp`);
    return (await caches.match(address, { ignoreVary: true })) ?? Response.error();
  }
}

async function page(request) {
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(), PATIENCE);
  try {
    const answer = await fetch(request, { signal: ended.signal });
    // A page of a judge is redirected when the session has ended: whoever is signed out sees nothing. Other redirects
    // lead to another page of the same judge.
    if (answer.type === "opaqueredirect" && (await isSignedOut())) await Promise.all([CACHE, DECKS].map((name) => caches.delete(name)));
    else if (isOurs(answer)) await store(request.url, answer.clone());
    // A captive portal answers with pages of its own.
    else if (answer.ok) return (await kept(request)) ?? answer;
    return answer;
  } catch {
    return (await kept(request)) ?? Response.error();
  } finally {
    clearTimeout(timer);
  }
}

async function isSignedOut() {
  const answer = await fetch("/api/v1/session", { redirect: "error" }).catch(() => null);
  return answer?.status === 401;
}

function isOurs(answer) {
  return answer.ok && !answer.redirected && (answer.headers.get("Content-Security-Policy") ?? "").includes("frame-ancestors");
}

async function kept(request) {
  return caches.match(request, { ignoreVary: true });
}

async function store(address, answer) {
  if (!(await caches.has(CACHE))) return;
  const cache = await caches.open(CACHE);
  await cache.put(address, answer);
}

async function refresh(address) {
  if (!(await caches.has(CACHE))) return;
  const answer = await fetch(address).catch(() => null);
  if (answer && isOurs(answer)) await store(new URL(address, location.origin).href, answer);
}

// Scoresheets that wait, sent when no page is open that could do it; see background.js. Fails, and so is asked for again
// by the browser, while the service cannot be reached. What needs its judge stays for the page.
async function sendWaiting() {
  const pages = await self.clients.matchAll({ type: "window" });
  // An open page sends by itself when the connection is back.
  if (pages.length) return;
  const waiting = await inStore("readonly", (store) => store.getAll());
  if (!waiting?.length) return;
  const session = await fetch("/api/v1/session", { redirect: "error" });
  const { person, csrf_token: token } = session.ok ? await session.json() : {};
  if (!token) return;
  for (const { key, api, page, body } of waiting.sort((first, second) => first.at - second.at)) {
    // What somebody else typed in this browser is not this person's.
    if (key.split(":")[1] !== String(person)) continue;
    const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
    const answer = await fetch(api, { method: "PUT", headers, body, redirect: "error" });
    const content = await answer.json().catch(() => null);
    if (answer.status >= 500 || answer.status === 429) throw new Error(`answered ${answer.status}`);
    const isStored = answer.status === 200 && content?.sent_digest === (await sha256(body));
    // What is refused is not sent again from here: the page asks once, and then its judge.
    const isRefused = answer.status >= 400 && content?.status === answer.status && !String(content.type).endsWith(":csrf-token");
    if (isStored || isRefused) await inStore("readwrite", (store) => store.delete(key));
    if (isStored) await refresh(page);
  }
}

async function sha256(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function inStore(mode, use) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("judging-outbox", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("waiting", { keyPath: "key" });
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const transaction = opening.result.transaction("waiting", mode);
      const asked = use(transaction.objectStore("waiting"));
      transaction.oncomplete = () => {
        opening.result.close();
        resolve(asked.result);
      };
      transaction.onerror = () => reject(transaction.error);
    };
  });
}
