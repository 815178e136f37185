// Scoresheet: total while typing, reached level, autosave, and a local copy in the browser while offline.
// Without this file the page works by its buttons. The save status always shows what the server has answered.

const QUIET = 1200; // milliseconds without typing before a save
const PATIENCE = 30000; // milliseconds to wait for an answer
const FIRST_PAUSE = 2000; // milliseconds before the second attempt; each further pause is twice as long
const LONGEST_PAUSE = 60000;

const ATTEMPTS = "judging:attempts"; // how often the page "Please try again" has been sent

const form = document.getElementById("scoresheet");
if (form) start(form);
const unsentBox = document.getElementById("kept");
if (unsentBox) showUnsent(unsentBox);
const settled = document.getElementById("settled");
// The page with both versions contains the typed text itself, so the local copy is removed.
if (settled) forget(settled.dataset.key);
document.getElementById("complaints")?.focus();
const again = document.getElementById("again");
if (again) sendAgain(again);
else sessionStorage.removeItem(ATTEMPTS);

function start(form) {
  const text = form.dataset;
  const status = document.getElementById("save-status");
  const base = form.elements.base_version;
  let changed = 0; // number of changes; an answer to an older save does not cover the newer ones
  let timer = null;
  let saving = null;
  let stopped = false;
  let attempts = 0; // since the last answer of the server
  let notBefore = 0; // the server asked for a pause until this time

  if (matchMedia("(max-width: 767.98px)").matches) {
    for (const levels of form.querySelectorAll(".levels")) levels.open = false;
  }

  function say(message, kind, link) {
    status.textContent = message;
    status.dataset.kind = kind;
    if (link) {
      const anchor = document.createElement("a");
      anchor.href = link.href;
      anchor.textContent = link.text;
      status.append(" ", anchor);
    }
  }

  function show() {
    let points = 0;
    let missing = 0;
    for (const box of form.querySelectorAll(".criterion")) {
      const value = number(field(form, `score-${box.dataset.criterion}`));
      const low = Number(box.dataset.min);
      const high = Number(box.dataset.max);
      if (value === null || value < low || value > high) missing += 1;
      else points += (Number(box.dataset.weight) * (value - low)) / (high - low);
      showLevel(box, value);
    }
    document.getElementById("total").textContent = missing ? text.textMissing.replace("{count}", missing) : points.toFixed(1);
    form.classList.toggle("incomplete", missing > 0);
  }

  function keep() {
    try {
      localStorage.setItem(text.key, JSON.stringify({ version: base.value, values: values(form) }));
    } catch {
      // The local storage is full or disabled: saving to the server goes on, only the local copy is missing.
    }
  }

  function touched() {
    changed += 1;
    show();
    keep();
    if (stopped) return;
    if (Date.now() >= notBefore) say(text.textTyping, "typing");
    clearTimeout(timer);
    timer = setTimeout(save, Math.max(QUIET, notBefore - Date.now()));
  }

  function later(message, answer) {
    const pause = pauseAfter(attempts, Number(answer?.headers.get("Retry-After")));
    attempts += 1;
    notBefore = Date.now() + pause;
    say(message, "offline");
    timer = setTimeout(save, pause);
  }

  function save() {
    clearTimeout(timer);
    if (saving || stopped) return saving;
    saving = send().finally(() => {
      saving = null;
    });
    return saving;
  }

  async function send() {
    const covered = changed;
    say(text.textSaving, "saving");
    let answer;
    try {
      answer = await fetch(text.api, {
        method: "PUT",
        headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrf_token.value },
        body: JSON.stringify(payload(form)),
        signal: AbortSignal.timeout(PATIENCE),
      });
    } catch {
      later(text.textOffline);
      return;
    }
    if (answer.status === 429 || answer.status >= 500) return later(text.textBusy, answer);
    attempts = 0;
    notBefore = 0;
    if (answer.ok) return accepted(await answer.json(), covered);
    if (answer.status === 401 || answer.status === 400) {
      say(text.textSignedOut, "offline", { href: text.signIn, text: text.textSignIn });
    } else if (answer.status === 409) {
      const problem = await answer.json();
      stopped = true;
      say(problem.current?.is_open ? text.textConflict : text.textClosed, "conflict");
    } else if (answer.status === 422) {
      mark(form, (await answer.json()).errors);
      say(text.textRefused, "conflict");
    } else {
      later(text.textBusy, answer);
    }
  }

  function accepted(stored, covered) {
    base.value = stored.version;
    mark(form, {});
    if (covered !== changed) {
      keep();
      timer = setTimeout(save, QUIET);
      return;
    }
    forget(text.key);
    if (stored.saved_at) say(text.textSaved.replace("{time}", clock(stored.saved_at, text)), "saved");
    else say(text.textNothing, "saved");
  }

  form.addEventListener("input", touched);
  addEventListener("online", () => {
    if (status.dataset.kind === "offline") save();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && status.dataset.kind === "typing") save();
  });
  form.addEventListener("submit", (event) => {
    // Wait for a running autosave: otherwise this request would conflict with it.
    if (saving) {
      event.preventDefault();
      saving.finally(() => form.requestSubmit(event.submitter));
      return;
    }
    clearTimeout(timer);
    stopped = true;
    keep();
    try {
      sessionStorage.setItem(text.key, base.value);
    } catch {
      // Without this entry the next page may offer text that was already sent; no data is lost.
    }
  });
  addEventListener("pageshow", (event) => {
    // The page was restored by the back button: a newer version may be stored.
    if (event.persisted) location.reload();
  });

  const before = remembered(text.key);
  const wasSent = sessionStorage.getItem(text.key);
  sessionStorage.removeItem(text.key);
  const isAnswer = document.getElementById("complaints") !== null;
  if (before && !isAnswer && !same(before.values, values(form))) {
    if (wasSent === before.version && Number(base.value) > Number(wasSent)) {
      forget(text.key);
    } else {
      fill(form, before.values);
      // The text was typed on this version. If a newer one is stored, the server answers with a conflict.
      base.value = before.version;
      changed += 1;
      say(text.textRestored, "typing");
      timer = setTimeout(save, QUIET);
    }
  } else if (before && !isAnswer) {
    forget(text.key);
  }
  show();
}

function pauseAfter(attempts, seconds) {
  const pause = Math.min(FIRST_PAUSE * 2 ** attempts, LONGEST_PAUSE);
  // Up to half as long again, at random: browsers that were refused together must not come back together.
  return Math.max(pause, (seconds || 0) * 1000) * (1 + Math.random() / 2);
}

function sendAgain(form) {
  const attempts = Number(sessionStorage.getItem(ATTEMPTS)) || 0;
  document.getElementById("again-by-itself").hidden = false;
  const timer = setTimeout(() => form.requestSubmit(), pauseAfter(attempts, Number(form.dataset.seconds)));
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    sessionStorage.setItem(ATTEMPTS, attempts + 1);
  });
}

function showLevel(box, value) {
  const levels = [...box.querySelectorAll("[data-level]")];
  const reached = value === null ? undefined : levels.find((level) => Number(level.dataset.level) <= value + 1e-9);
  for (const level of levels) level.classList.toggle("level-reached", level === reached);
  const words = box.querySelector(".reached");
  words.hidden = !reached;
  const wording = reached ? reached.querySelector("span").textContent : "";
  if (words.textContent !== wording) words.textContent = wording;
}

function showUnsent(box) {
  const before = remembered(box.dataset.key);
  const wasSent = sessionStorage.getItem(box.dataset.key);
  sessionStorage.removeItem(box.dataset.key);
  if (!before) return;
  if (wasSent === before.version && Number(box.dataset.version) > Number(wasSent)) {
    forget(box.dataset.key);
    return;
  }
  document.getElementById("kept-text").textContent = Object.entries(before.values)
    .filter(([, value]) => value)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
  box.hidden = false;
  document.getElementById("kept-discard").addEventListener("click", () => {
    forget(box.dataset.key);
    box.hidden = true;
  });
}

function field(form, name) {
  return form.elements[name]?.value ?? "";
}

function number(typed) {
  const plain = typed.normalize("NFKC").trim();
  return /^[+-]?\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
}

function values(form) {
  const all = {};
  for (const [name, value] of new FormData(form)) {
    if (!["csrf_token", "base_version", "action"].includes(name)) all[name] = value.replaceAll("\r\n", "\n");
  }
  return all;
}

function same(first, second) {
  const names = new Set([...Object.keys(first), ...Object.keys(second)]);
  return [...names].every((name) => (first[name] ?? "") === (second[name] ?? ""));
}

function fill(form, stored) {
  for (const element of form.elements) {
    if (!element.name || ["csrf_token", "base_version", "action"].includes(element.name)) continue;
    const value = stored[element.name] ?? "";
    if (element.type === "radio" || element.type === "checkbox") element.checked = element.value === value;
    else element.value = value;
  }
}

function payload(form) {
  const sheet = { base_version: Number(form.elements.base_version.value) || 0, submit: false, scores: {}, comments: {} };
  for (const [name, value] of Object.entries(values(form))) {
    const [, kind, criterion] = /^(score|comment)-(.*)$/.exec(name) ?? [];
    if (kind === "score") sheet.scores[criterion] = value;
    else if (kind === "comment") sheet.comments[criterion] = value;
    else if (name === "identity_revealed") sheet[name] = true;
    else if (name === "language" || name === "confidence") sheet[name] = value || null;
    else sheet[name] = value;
  }
  return sheet;
}

function mark(form, errors) {
  const places = new Set(Object.keys(errors ?? {}).map((place) => place.replace(/^(score|comment)s\./, "$1-")));
  for (const element of form.elements) {
    if (!element.name) continue;
    if (places.has(element.name)) element.setAttribute("aria-invalid", "true");
    else element.removeAttribute("aria-invalid");
  }
}

function clock(time, text) {
  return new Date(time).toLocaleTimeString(text.language, { timeZone: text.zone, hourCycle: "h23" });
}

function remembered(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function forget(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // Without local storage there is no copy to remove.
  }
}
