// The editor of rules and rubrics: the sum of the weights while somebody types, and the complaints of the check, which
// stores nothing. Without this script the buttons Check and Save say the same.

const form = document.getElementById("editor");
const state = document.getElementById("editor-state");
const sum = document.getElementById("weight-sum");
const PAUSE = 700;
const touched = new Set();
let timer = 0;
let asked = 0;

function showSum() {
  if (!sum) return;
  const weights = [...form.elements].filter((field) => field.name?.startsWith(`${sum.dataset.sum}.`) && field.name.endsWith(".weight"));
  const total = weights.reduce((all, field) => all + (Number(field.value) || 0), 0);
  const rounded = Math.round(total * 1e6) / 1e6;
  sum.textContent = form.dataset.textSum.replace("{sum}", rounded);
  sum.classList.toggle("is-invalid-text", rounded !== 100);
}

function show(faults) {
  const texts = new Map();
  for (const fault of faults) texts.set(fault.path, [...(texts.get(fault.path) || []), fault.text]);
  for (const place of form.querySelectorAll(".field-error[data-of]")) {
    const path = place.dataset.of;
    const field = form.elements.namedItem(path);
    // Nobody is told about a field before it was typed into; what was told goes as soon as it is right.
    const isTold = !place.hidden || touched.has(path) || [...touched].some((other) => other.startsWith(`${path}.`));
    const told = isTold ? texts.get(path) || [] : [];
    place.textContent = told.join(" ");
    place.hidden = !told.length;
    if (field instanceof HTMLElement) {
      if (told.length) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
  }
  state.textContent = texts.size ? form.dataset.textWrong.replace("{count}", texts.size) : form.dataset.textRight;
}

async function check() {
  asked += 1;
  const own = asked;
  try {
    const answer = await fetch(form.dataset.check, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (own !== asked) return;
    if (answer.ok) show((await answer.json()).faults);
    else state.textContent = "";
  } catch {
    // Without a connection the buttons still work when it is back; what was said before is no longer certain.
    state.textContent = "";
  }
}

function typed(field) {
  if (!field.name) return;
  touched.add(field.name);
  // A criterion's weight changes the sum, which is said at the list of the criteria.
  if (sum && field.name.endsWith(".weight")) touched.add(sum.dataset.sum);
  clearTimeout(timer);
  timer = setTimeout(check, PAUSE);
}

form.addEventListener("input", (event) => {
  typed(event.target);
  showSum();
});
// What was typed before this script was here, or kept by the browser over a reload.
for (const field of form.elements) if (field.matches("input:not([type]), input[type=text], textarea") && field.value !== field.defaultValue) typed(field);
showSum();

let isSent = false;
form.addEventListener("submit", () => {
  isSent = true;
});
addEventListener("beforeunload", (event) => {
  if ((touched.size || form.dataset.unsaved) && !isSent) event.preventDefault();
});
const complaints = document.getElementById("complaints");
if (complaints) complaints.focus();
