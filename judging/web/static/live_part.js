// The changing part of a page is asked for again and again, and replaced when it has changed; without this script the
// page is as it was when it was opened.

import { labelCells } from "./cards.js";
import { poll } from "./polling.js";

const box = document.getElementById("live");
const lost = document.getElementById("live-lost");

function replace(content) {
  const focused = box.contains(document.activeElement) ? document.activeElement.id : "";
  const opened = [...box.querySelectorAll("details[open]")].map((details) => details.id);
  box.innerHTML = content;
  labelCells(box);
  for (const details of box.querySelectorAll("details")) details.open = opened.includes(details.id);
  if (focused) document.getElementById(focused)?.focus();
}

document.documentElement.classList.add("has-script");
poll(box.dataset.live, {
  accept: "text/html",
  changed: replace,
  lost: () => {
    lost.textContent = lost.dataset.text;
  },
  found: () => {
    lost.textContent = "";
  },
});
