// On every page: scoresheets that wait in this browser are sent in order, and nobody signs out without knowing of them.

import { sendLater } from "./background.js";
import { deliver, get, pauseAfter, put } from "./deliver.js";
import { channel, copies, forget, isOf, keep, leftBehind } from "./kept.js";
import { refresh, remove, removeOfOthers } from "./offline.js";

const box = document.getElementById("outbox");
if (box) start(box);

function start(box) {
  const text = box.dataset;
  const list = box.querySelector("ul");
  // The address may be another one than that of the sheet: "now" shows the sheet of the team on the stage.
  const form = document.getElementById("scoresheet");
  const troubled = new Map(); // key -> what the judge has to decide on the page of the sheet
  let attempts = 0;
  let isSending = false;
  let timer = null;

  function show() {
    const waiting = copies(text.key).filter(({ copy }) => !isHere(copy));
    box.hidden = !waiting.length;
    const isStuck = waiting.some(({ key }) => troubled.has(key));
    const wording = waiting.length === 1 ? text.textOne : text.textMany;
    box.querySelector("summary").textContent = wording.replace("{count}", waiting.length);
    box.classList.toggle("outbox-stuck", isStuck);
    list.replaceChildren(
      ...waiting.map(({ key, copy }) => {
        const item = document.createElement("li");
        const link = document.createElement("a");
        link.href = copy.page ?? "#";
        link.textContent = copy.title ?? "";
        item.append(link, troubled.has(key) ? ` ${text.textLook}` : "");
        return item;
      }),
    );
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
      // Text of an older version of this page has no address; text between two versions waits for its judge.
      if (!copy.api || !copy.content || copy.chosenOn !== undefined || troubled.has(key) || isHere(copy)) continue;
      const sending = (body) => put(copy.api, body, { token });
      const answer = await deliver(copy, sending, () => keep(key, copy));
      if (answer.kind === "stored") {
        forget(key);
        refresh(copy.page);
      } else if (answer.kind === "busy" || answer.kind === "unreachable") {
        problem = answer;
        break;
      } else troubled.set(key, answer.kind);
    }
    isSending = false;
    show();
    if (problem) {
      sendLater();
      timer = setTimeout(send, pauseAfter(attempts, problem.seconds));
      attempts += 1;
    }
  }

  for (const form of document.querySelectorAll('form[action$="sign-out"]')) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (copies(text.key).length && !confirm(text.textSignOut)) return;
      for (const { key } of copies(text.key)) forget(key);
      remove().finally(() => HTMLFormElement.prototype.submit.call(form));
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
