// Scoresheet: total while typing, reached levels, autosave and submission, with a copy in the browser until the service
// has confirmed it. Without this file the page works by its buttons.

import { sendLater } from "./background.js";
import { bodyOf, deliver, get, needOf, pauseAfter, put } from "./deliver.js";
import { copies, forget, isOf, keep, leftBehind, ownKey } from "./kept.js";
import { openKept, refresh } from "./offline.js";
import { clock, complaints, contentOf, fill, mark, number, same, showTotal, values } from "./sheet_fields.js";
import { startKeys } from "./sheet_keys.js";
import { startPhrases } from "./sheet_phrases.js";

const QUIET = 1200; // milliseconds without typing before a save

const form = document.getElementById("scoresheet");
if (form) start(form);
document.getElementById("complaints")?.focus();

function start(form) {
  const text = form.dataset;
  const status = document.getElementById("save-status");
  const news = document.getElementById("save-news");
  const base = form.elements.base_version;
  const decision = document.getElementById("decision");
  const own = ownKey(text.key);
  const isAnswer = text.stored !== undefined; // a page with complaints, which has the typed text itself
  const labels = JSON.parse(document.getElementById("kept").dataset.labels);
  const copy = { title: text.title, page: text.page, api: text.api, labels, version: base.value, unknown: [], submit: false };
  let stored = text.stored ? JSON.parse(text.stored) : values(form);
  let refused = {}; // the complaints of the service, by field, with the value they are about
  const opened = values(form);
  let isTouched = false;
  let isKept = true;
  let isComposing = false;
  let isSignedOut = false;
  let timer = null;
  let running = null;
  let stopped = false;
  let attempts = 0; // since the last answer of the service
  let notBefore = 0; // the next attempt is not before this time

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
    // A screen reader hears results, not every keystroke and attempt.
    if (kind !== "typing" && kind !== "saving" && news.textContent !== message) news.textContent = message;
  }

  // A field that the service would refuse keeps its text on the page; what was stored of it before is sent instead.
  function read() {
    const typed = values(form);
    for (const [name, { value }] of Object.entries(refused)) if (typed[name] !== value) delete refused[name];
    const found = complaints(form, text);
    for (const [name, { complaint }] of Object.entries(refused)) found[name] ??= complaint;
    mark(form, found);
    copy.values = typed;
    const sent = { ...typed };
    for (const name of Object.keys(found)) sent[name] = stored[name] ?? "";
    copy.content = contentOf(sent);
    return found;
  }

  function keepCopy() {
    isKept = keep(own, copy);
  }

  function touched() {
    if (isComposing) return;
    isTouched = true;
    copy.submit = false;
    showTotal(form, text);
    read();
    keepCopy();
    if (stopped) return;
    if (Date.now() >= notBefore && !running) say(text.textTyping, "typing");
    wait(Math.max(QUIET, notBefore - Date.now()));
  }

  function wait(milliseconds) {
    clearTimeout(timer);
    timer = setTimeout(send, milliseconds);
  }

  async function send() {
    clearTimeout(timer);
    if (running || stopped) return;
    if (isComposing) return wait(QUIET);
    running = new AbortController();
    const { signal } = running;
    read();
    say(copy.submit ? text.textSubmitting : text.textSaving, "saving");
    if (isSignedOut) await renewToken();
    const token = form.elements.csrf_token.value;
    const answer = await deliver(copy, (body) => put(text.api, body, { token, signal }), keepCopy);
    running = null;
    base.value = copy.version;
    if (!signal.aborted) answered(answer);
  }

  // Whoever has signed in again, perhaps in another window, goes on here.
  async function renewToken() {
    const found = await get(text.session);
    // Somebody else may have signed in: what was typed here is not theirs.
    if (!found?.csrf_token || !isOf(text.key, found.person)) return;
    form.elements.csrf_token.value = found.csrf_token;
    isSignedOut = false;
  }

  function answered(answer) {
    if (answer.kind === "busy" || answer.kind === "unreachable") return later(answer);
    attempts = 0;
    notBefore = 0;
    if (answer.kind === "stored") return confirmed(answer);
    if (answer.kind === "conflict" || answer.kind === "denied") {
      if (needOf(answer) === "conflict" && copy.submit) {
        stopped = true;
        return native("submit");
      }
      return stop(needOf(answer));
    }
    if (answer.kind === "refused") {
      if (copy.submit) return native("submit");
      for (const place of Object.keys(answer.errors)) {
        const name = place.replace(/^(score|comment)s\./, "$1-");
        refused[name] = { value: copy.values[name], complaint: text.textCorrect };
      }
      const before = bodyOf(copy);
      read();
      // With the stored text of the refused fields the rest can be saved.
      if (bodyOf(copy) !== before) return wait(0);
      return say(text.textRefused, "conflict");
    }
    if (!isSignedOut) {
      // A page that was kept in the browser has an old token.
      isSignedOut = true;
      return wait(0);
    }
    say(isKept ? text.textSignedOut : text.textNotKept, "offline", { href: text.signIn, text: text.textSignIn });
  }

  // Nothing is sent any more: the judge decides, here or on another page.
  function stop(need) {
    stopped = true;
    copy.needs = need;
    keepCopy();
    decision.hidden = need !== "conflict";
    say({ conflict: text.textConflict, closed: text.textClosed, gone: text.textGone }[need], "conflict");
  }

  function confirmed(answer) {
    for (const [name, value] of Object.entries(answer.stored.scores)) {
      stored[`score-${name}`] = String(value);
    }
    const found = read();
    if (answer.submit && !Object.keys(found).length && JSON.stringify(copy.content) === answer.content) {
      forget(own);
      stopped = true;
      location.assign((text.goesOn && text.next) || text.page);
      return;
    }
    const isAll = JSON.stringify(copy.content) === answer.content && Boolean(copy.submit) === answer.submit;
    for (const [name, value] of Object.entries(copy.values)) if (isAll && !found[name]) stored[name] = value;
    if (!isAll) {
      keepCopy();
      return wait(copy.submit ? 0 : QUIET);
    }
    const time = answer.stored.saved_at && clock(answer.stored.saved_at, text);
    if (Object.keys(found).length) {
      keepCopy();
      return say((time ? text.textSavedRest : text.textRefused).replace("{time}", time), "conflict");
    }
    for (const element of form.querySelectorAll(".score-number")) {
      const value = answer.stored.scores[element.name.replace("score-", "")];
      // What is stored is shown as it is stored, but not under the fingers of the judge.
      if (element !== document.activeElement && value !== undefined) element.value = String(value);
    }
    forget(own);
    refresh(text.page, text.queue);
    say(time ? text.textSaved.replace("{time}", time) : text.textNothing, "saved");
  }

  function later(answer) {
    const pause = pauseAfter(attempts, answer.seconds);
    sendLater();
    attempts += 1;
    notBefore = Date.now() + pause;
    const waiting = copy.submit ? text.textSubmitLater : answer.kind === "busy" ? text.textBusy : text.textOffline;
    say(isKept ? waiting : text.textNotKept, "offline");
    wait(pause);
    if (text.goesOn && text.next && copy.submit && isKept && answer.kind === "unreachable") openKept(text.next.split("?")[0]);
  }

  async function now(submit) {
    const found = read();
    if (submit && Object.keys(found).length) {
      say(text.textNotSubmitted, "conflict");
      form.querySelector("[aria-invalid]")?.focus();
      return;
    }
    copy.submit = submit;
    read();
    keepCopy();
    // A request under way may never end: it is given up, and what it has done is asked afterwards.
    running?.abort();
    while (running) await new Promise((resolve) => setTimeout(resolve, 10));
    attempts = 0;
    send();
  }

  function native(action) {
    const button = document.createElement("input");
    Object.assign(button, { type: "hidden", name: "action", value: action });
    form.append(button);
    HTMLFormElement.prototype.submit.call(form);
  }

  form.addEventListener("submit", (event) => {
    // In a conflict the service shows both versions, on a closed round what was typed.
    if (stopped) return;
    event.preventDefault();
    const action = event.submitter?.value ?? "";
    if (action === "submit-next") text.goesOn = "yes";
    else if (text.goesOn === "yes") delete text.goesOn;
    now(action.startsWith("submit"));
  });
  document.getElementById("discard-typed").addEventListener("click", () => {
    if (!confirm(decision.dataset.textDiscard)) return;
    forget(own);
    location.assign(text.page);
  });
  form.addEventListener("input", touched);
  form.addEventListener("focusout", (event) => {
    const value = number(event.target.value ?? "");
    if (event.target.matches(".score-number") && value !== null) event.target.value = String(value);
  });
  form.addEventListener("compositionstart", () => {
    isComposing = true;
  });
  form.addEventListener("compositionend", () => {
    isComposing = false;
    touched();
  });
  addEventListener("online", () => {
    if (status.dataset.kind === "offline") send();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && status.dataset.kind === "typing") send();
    if (document.visibilityState === "visible" && status.dataset.kind === "offline") send();
  });
  addEventListener("beforeunload", (event) => {
    if (!isKept && !stopped && status.dataset.kind !== "saved") event.preventDefault();
  });
  addEventListener("pageshow", (event) => {
    // The page was restored by the back button: a newer version may be stored.
    if (event.persisted) location.reload();
  });

  async function restore() {
    const left = await leftBehind(text.key);
    const newest = left.pop();
    if (!newest) return;
    const before = newest.copy;
    // The page of a judge who chose between two versions, or text that is stored by now.
    const isDone = before.chosenOn !== undefined && Number(base.value) > Number(before.chosenOn);
    if (isDone || (!isAnswer && !before.submit && same(before.values, values(form)))) return forget(newest.key);
    if (isTouched) {
      // The page with complaints has this text, and what is typed on it is newer.
      if (isAnswer && same(before.values, opened)) forget(newest.key);
      return;
    }
    if (!isAnswer) fill(form, before.values);
    Object.assign(copy, { version: before.version, unknown: before.unknown, submit: !isAnswer && Boolean(before.submit) });
    // The text was typed on this version. If a newer one is stored, the service answers with a conflict.
    base.value = copy.version;
    showTotal(form, text);
    read();
    keepCopy();
    if (isKept) forget(newest.key);
    if (isAnswer) return;
    // It is known already that it was changed elsewhere; everything else may have been settled since.
    if (before.needs === "conflict") return stop("conflict");
    say(text.textRestored, "typing");
    wait(QUIET);
  }

  startKeys(form);
  startPhrases(form);
  showTotal(form, text);
  if (copies(text.key).length) restore();
}
