// On every page: scoresheets that wait in this browser are sent in order, and nobody signs out without knowing of them.

import { sendLater } from "./background.js";
import { deliver, get, needOf, pauseAfter, put } from "./deliver.js";
import { channel, copies, forget, isOf, keep, leftBehind, wording } from "./kept.js";
import { refresh, remove, removeOfOthers } from "./offline.js";

const box = document.getElementById("outbox");
if (box) start(box);

function start(box) {
  const text = box.dataset;
  const list = box.querySelector("ul");
  // The address may be another one than that of the sheet: "now" shows the sheet of the team on the stage.
  const form = document.getElementById("scoresheet");
  let attempts = 0;
  let isSending = false;
  let timer = null;

  function show() {
    const waiting = copies(text.key).filter(({ copy }) => !isHere(copy));
    box.hidden = !waiting.length;
    const stuck = waiting.filter(({ copy }) => needs(copy)).length;
    const [one, many] = stuck ? [text.textDecideOne, text.textDecideMany] : [text.textOne, text.textMany];
    const count = stuck || waiting.length;
    box.querySelector("summary").textContent = (count === 1 ? one : many).replace("{count}", count);
    box.classList.toggle("outbox-stuck", stuck > 0);
    list.replaceChildren(...waiting.map(itemOf));
  }

  // Text of an older version of this page has no address to be sent to.
  function needs(copy) {
    return copy.needs || (copy.api && copy.content ? "" : "gone");
  }

  function itemOf({ key, copy }) {
    const item = document.createElement("li");
    const need = needs(copy);
    const name = document.createElement(need === "gone" ? "b" : "a");
    if (need !== "gone") name.href = copy.page;
    name.textContent = copy.title ?? "";
    item.append(name);
    if (!need) return item;
    const words = { conflict: text.textConflict, closed: text.textClosed, refused: text.textRefused, gone: text.textGone };
    const about = document.createElement("p");
    about.textContent = words[need];
    item.append(about);
    // There is no page any more that would show it.
    if (need === "gone") {
      const typed = Object.assign(document.createElement("pre"), { className: "typed" });
      typed.textContent = wording(copy.values, { ":": ": ", ...copy.labels });
      item.append(typed);
    }
    const discard = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm btn-outline-danger" });
    discard.textContent = text.textDiscard;
    discard.addEventListener("click", () => {
      // A function: a string would have signs of its own, such as "$&".
      if (confirm(text.textDiscardAsk.replace("{title}", () => copy.title ?? ""))) forget(key);
    });
    item.append(discard);
    return item;
  }

  // The form restores and sends its own text.
  function isHere(copy) {
    return form !== null && copy.page === form.dataset.page;
  }

  async function send() {
    clearTimeout(timer);
    if (isSending) return;
    isSending = true;
    const left = await leftBehind(text.key);
    const session = left.length ? await get(text.session) : null;
    // Somebody else may have signed in, in another window: these sheets are not theirs.
    const token = isOf(text.key, session?.person) ? session.csrf_token : null;
    let problem = left.length && !token ? {} : null;
    for (const { key, copy } of token ? left : []) {
      // What needs a decision waits for its judge, and so does text between two versions.
      if (needs(copy) || copy.chosenOn !== undefined || isHere(copy)) continue;
      // The page of the sheet may have taken it over in the meantime, or its judge has discarded it or signed out.
      const isKept = () => copies(key).length > 0;
      if (!isKept()) continue;
      const sending = (body) => put(copy.api, body, { token });
      const answer = await deliver(copy, sending, () => isKept() && keep(key, copy));
      if (answer.kind === "stored") {
        forget(key);
        refresh(copy.page);
      } else if (needOf(answer)) {
        if (isKept()) keep(key, { ...copy, needs: needOf(answer) });
      } else {
        problem = answer;
        break;
      }
    }
    isSending = false;
    show();
    if (problem) {
      sendLater();
      timer = setTimeout(send, pauseAfter(attempts, problem.seconds));
      attempts += 1;
    }
  }

  // Nothing is removed before the service says that this person is signed out: it may ask first, or not be reached.
  async function signOut(form) {
    const submit = () => HTMLFormElement.prototype.submit.call(form);
    let answer;
    try {
      const headers = { Accept: "application/json" };
      const body = new URLSearchParams(new FormData(form));
      answer = await fetch(form.action, { method: "POST", headers, body, redirect: "error", signal: AbortSignal.timeout(20_000) });
    } catch {
      alert(text.textStillIn);
      return;
    }
    const target = answer.ok ? (await answer.json().catch(() => ({}))).to : null;
    // The question, or what went wrong, is a page.
    if (!target) return submit();
    for (const { key } of copies(text.key)) forget(key);
    remove().finally(() => location.assign(target));
  }

  for (const form of document.querySelectorAll('form[action$="sign-out"]')) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (copies(text.key).length && !confirm(text.textSignOut)) return;
      signOut(form);
    });
  }
  channel?.addEventListener("message", (event) => {
    if (event.data.changed) show();
  });
  addEventListener("online", send);
  addEventListener("judging:kept", show);
  removeOfOthers(text.key.split(":")[1]);
  show();
  send();
}
