// Text of a scoresheet that is in this browser only: shown on the page of that sheet, to copy or to delete.

import { forget, leftBehind } from "./kept.js";
import { same } from "./sheet_fields.js";

const box = document.getElementById("kept");
if (box) start(box);
const resolve = document.getElementById("resolve");
if (resolve) choose(resolve);

function start(box) {
  const labels = JSON.parse(box.dataset.labels);
  const list = document.getElementById("kept-text");

  async function show() {
    const left = await leftBehind(box.dataset.key);
    // On the page with the form, the newest copy is in the fields.
    const shown = document.getElementById("scoresheet") ? left.slice(0, -1) : left;
    list.textContent = shown.map(({ copy }) => wording(copy.values, labels)).join("\n\n");
    box.hidden = !list.textContent;
    document.getElementById("kept-discard").onclick = () => shown.forEach(({ key }) => forget(key));
  }

  addEventListener("judging:kept", show);
  show();
}

function wording(values, labels) {
  return Object.entries(values)
    .filter(([, value]) => value)
    .map(([name, value]) => `${labels[name] ?? name}${labels[":"]}${value}`)
    .join("\n");
}

// The text of this page is removed from the browser once the choice is stored: see `chosenOn` in scoresheet.js.
function choose(form) {
  let before = [];
  leftBehind(form.dataset.key).then((left) => {
    before = left;
  });
  form.addEventListener("submit", (event) => {
    const typed = Object.fromEntries([...form.querySelectorAll("textarea")].map(({ name, value }) => [name, value]));
    for (const { key, copy } of before) {
      if (!same(copy.values, typed)) continue;
      if (event.submitter?.value === "stored") forget(key);
      else localStorage.setItem(key, JSON.stringify({ ...copy, chosenOn: form.elements.base_version.value }));
    }
  });
}
