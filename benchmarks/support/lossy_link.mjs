// Judges who type without a pause over a link that drops requests and loses answers: the page's own delivery, in Node.
// See lossy_link.py, which starts this with the addresses, and compares with what is stored.

import { AsyncLocalStorage } from "node:async_hooks";
import { readFileSync, writeFileSync } from "node:fs";
import { deliver, put } from "./deliver.js";

const { judges, criteria, seconds, share } = JSON.parse(readFileSync("judges.json", "utf-8"));
const cookie = new AsyncLocalStorage();
const connected = globalThis.fetch;
const counts = { sent: 0, dropped: 0, lost: 0, saved: 0, conflicts: 0, unanswered: 0, refused: 0 };
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

globalThis.fetch = async (address, options) => {
  counts.sent += 1;
  if (Math.random() < share) {
    counts.dropped += 1;
    throw new TypeError("dropped");
  }
  const answer = await connected(address, { ...options, headers: { ...options.headers, Cookie: cookie.getStore() } });
  if (Math.random() < share) {
    await answer.arrayBuffer();
    counts.lost += 1;
    throw new TypeError("lost");
  }
  return answer;
};

async function judge({ api, token, key }) {
  const copy = { version: 0, unknown: [], submit: false, content: { scores: {}, comment: "" } };
  const told = { key, typed: [], confirmed: [] };
  const end = Date.now() + seconds * 1000;

  function type(scores, comment, submit) {
    copy.content = { scores: { ...copy.content.scores, ...scores }, comment };
    copy.submit = submit;
    told.typed.push(copy.content);
  }

  async function save() {
    const answer = await deliver(copy, (body) => put(api, body, { token }), () => {});
    if (answer.kind === "stored") {
      counts.saved += 1;
      const content = JSON.parse(answer.content);
      told.confirmed.push({ version: answer.stored.version, submit: answer.submit, content });
    } else if (answer.kind === "conflict") counts.conflicts += 1;
    else if (answer.kind === "busy" || answer.kind === "unreachable") counts.unanswered += 1;
    else counts.refused += 1;
    return answer.kind === "stored";
  }

  await pause(Math.random() * 3000);
  for (let n = 0; Date.now() < end; n += 1) {
    type({ [criteria[n % criteria.length]]: String(1 + Math.floor(Math.random() * 10)) }, `${key} ${n}`, n % 11 === 10);
    await pause((await save()) ? 1500 + Math.random() * 2500 : 800 + Math.random() * 1500);
  }
  type(Object.fromEntries(criteria.map((criterion, at) => [criterion, String(3 + at)])), `${key} last`, true);
  for (let n = 0; n < 60 && !(await save()); n += 1) await pause(500);
  return told;
}

const told = await Promise.all(judges.map((one) => cookie.run(one.cookie, () => judge(one))));
writeFileSync("told.json", JSON.stringify({ counts, judges: told }));
