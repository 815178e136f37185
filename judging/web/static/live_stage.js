// The live screen of chairs and hosts: its changing part is asked for again and again, and replaced when it has changed.

import { assume, clockText, left, poll } from "./polling.js";

const box = document.getElementById("live");
const lost = document.getElementById("live-lost");

assume(Number(box.dataset.time));

function tick() {
  for (const clock of box.querySelectorAll("[data-limit]")) {
    const { limit, used, since } = clock.dataset;
    const seconds = left({ limit: Number(limit), used: Number(used), since: since ? Date.parse(since) : null });
    const wording = clockText(seconds) + (since ? "" : ` ${box.dataset.textPaused}`);
    if (clock.textContent !== wording) clock.textContent = wording;
    clock.classList.toggle("is-invalid-text", seconds < 0);
  }
}

function replace(content) {
  const focused = box.contains(document.activeElement) ? document.activeElement.id : "";
  const scrolled = box.querySelector(".table-box")?.scrollLeft ?? 0;
  box.innerHTML = content;
  tick();
  if (focused) document.getElementById(focused)?.focus();
  const table = box.querySelector(".table-box");
  if (table) table.scrollLeft = scrolled;
}

let isPressed = false;
box.addEventListener("submit", (event) => {
  // One press is one step: the second of a double click would be told that somebody has moved on.
  if (isPressed) event.preventDefault();
  isPressed = true;
});
addEventListener("pageshow", (event) => {
  isPressed = false;
  if (event.persisted) location.reload();
});

poll(box.dataset.live, {
  accept: "text/html",
  changed: (content) => {
    if (!isPressed) replace(content);
  },
  lost: () => {
    lost.textContent = lost.dataset.text;
  },
  found: () => {
    lost.textContent = "";
  },
});
document.documentElement.classList.add("has-script");
tick();
setInterval(tick, 250);
