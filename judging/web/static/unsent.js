// Text of a scoresheet that is in this browser only: shown on the page of that sheet, to copy or to delete.

import { copies, forget, leftBehind, wording } from "./kept.js";
import { same } from "./sheet_fields.js";

const box = document.getElementById("kept");
if (box) start(box);
const resolve = document.getElementById("resolve");
if (resolve) choose(resolve);

function start(box) {
  const labels = JSON.parse(box.dataset.labels);
  const list = document.getElementById("kept-text");
  const comparison = document.getElementById("kept-compare");

  async function show() {
    const left = await leftBehind(box.dataset.key);
    // On the page with the form, the newest copy is in the fields.
    const shown = document.getElementById("scoresheet") ? left.slice(0, -1) : left;
    list.textContent = shown.map(({ copy }) => wording(copy.values, labels)).join("\n\n");
    box.hidden = !list.textContent;
    document.getElementById("kept-discard").onclick = () => {
      if (confirm(box.dataset.textDiscard)) shown.forEach(({ key }) => forget(key));
    };
    if (comparison && shown.length) fillComparison(comparison, shown.at(-1).copy);
  }

  addEventListener("judging:kept", show);
  show();
}

// The form's own save, with the version on which the text was typed: the service answers with both versions.
function fillComparison(form, { values, version }) {
  const fields = form.querySelector("span");
  fields.replaceChildren(
    ...Object.entries({ ...values, base_version: version }).map(([name, value]) => {
      const field = Object.assign(document.createElement("textarea"), { name, hidden: true });
      field.value = value;
      return field;
    }),
  );
}

// The text of this page is removed from the browser once the choice is stored: see `chosenOn` in scoresheet.js.
function choose(form) {
  form.addEventListener("submit", (event) => {
    const typed = Object.fromEntries([...form.querySelectorAll("textarea")].map(({ name, value }) => [name, value]));
    for (const { key, copy } of copies(form.dataset.key)) {
      if (!same(copy.values, typed)) continue;
      if (event.submitter?.value === "stored") forget(key);
      else localStorage.setItem(key, JSON.stringify({ ...copy, chosenOn: form.elements.base_version.value }));
    }
  });
}
