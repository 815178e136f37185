// The table of own scores: what is changed in it is sent at once, as a draft, with a copy in the browser until the service
// has confirmed it. Without this file the page works by its button.

import { deliver, get, needOf, pauseAfter, put } from "./deliver.js";
import { forget, isOf, keep, ownKey } from "./kept.js";
import { refresh } from "./offline.js";
import { contentOf, number } from "./sheet_fields.js";

const form = document.getElementById("own-grid");
if (form) for (const row of form.querySelectorAll("tr[data-row]")) start(row);

function start(row) {
  const text = form.dataset;
  const status = row.querySelector(".row-status");
  const base = row.querySelector('input[type="hidden"]');
  const total = row.querySelector(".row-total");
  const values = JSON.parse(row.dataset.values);
  const { title, page, api } = row.dataset;
  const labels = JSON.parse(text.labels);
  const copy = { title, page, api, version: base.value, values, labels, content: contentOf(values), unknown: [], submit: false };
  let own = null;
  let isKept = true;
  let isSending = false;
  let stopped = false;
  let complaint = ""; // about the first wrong field
  let attempts = 0;
  let timer = null;

  function say(message, isWrong) {
    status.textContent = message;
    status.classList.toggle("field-error", Boolean(isWrong));
  }

  // The complaint about a field, or null.
  function wrong({ value, dataset: { min, max, step } }) {
    if (!value.trim()) return null;
    const given = number(value);
    if (given === null) return text.textNoNumber;
    const steps = (given - Number(min)) / Number(step);
    const isOn = given >= Number(min) && given <= Number(max) && Math.abs(steps - Math.round(steps)) < 1e-6;
    return isOn ? null : text.textOffScale.replace("{minimum}", min).replace("{maximum}", max).replace("{step}", step);
  }

  function changed() {
    complaint = "";
    for (const input of row.querySelectorAll(".grid-score")) {
      const wording = wrong(input);
      if (wording) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
      // A field that the service would refuse keeps its text on the page; the other fields are saved.
      if (wording) complaint ||= wording;
      else values[`score-${input.dataset.criterion}`] = input.value.trim() && String(number(input.value));
    }
    copy.content = contentOf(values);
    own ??= ownKey(row.dataset.key);
    isKept = keep(own, copy);
    if (complaint) say(complaint, true);
    if (!stopped) send();
  }

  async function send() {
    clearTimeout(timer);
    if (isSending) return;
    isSending = true;
    if (!complaint) say(text.textSaving);
    const session = await get(text.session);
    // Somebody else may have signed in, in another window: what was typed here is not theirs.
    const token = isOf(own, session?.person) ? session.csrf_token : null;
    const save = (body) => put(api, body, { token });
    const answer = token ? await deliver(copy, save, () => keep(own, copy)) : { kind: "unreachable" };
    isSending = false;
    base.value = copy.version;
    if (answer.kind === "stored") return stored(answer);
    if (answer.kind === "busy" || answer.kind === "unreachable") {
      say(isKept ? text.textOffline : text.textNotKept, true);
      timer = setTimeout(send, pauseAfter(attempts, answer.seconds));
      attempts += 1;
      return;
    }
    stopped = true;
    copy.needs = needOf(answer);
    keep(own, copy);
    say(text.textConflict, true);
  }

  function stored(answer) {
    attempts = 0;
    if (JSON.stringify(copy.content) !== answer.content) return send();
    forget(own);
    refresh(page);
    total.textContent = answer.stored.total === null ? "–" : answer.stored.total.toFixed(1);
    const time = new Date(answer.stored.saved_at);
    const clock = time.toLocaleTimeString(text.language, { timeZone: text.zone, hourCycle: "h23" });
    say(complaint || text.textSaved.replace("{time}", clock), complaint);
  }

  row.addEventListener("change", changed);
  addEventListener("online", () => {
    if (timer) send();
  });
}

if (form) {
  form.querySelector(".without-script").hidden = true;
  form.addEventListener("submit", (event) => event.preventDefault());
}
