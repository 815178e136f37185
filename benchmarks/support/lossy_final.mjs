// Judges in a room on bad Wi-Fi: each follows the stage with the page's own polling, scores every pitch and submits it,
// over a link that drops requests and loses answers, with a clock that is an hour wrong. See lossy_final.py.

import { AsyncLocalStorage } from "node:async_hooks";
import { readFileSync, writeFileSync } from "node:fs";

const { judges, criteria, share, stage, sheets } = JSON.parse(readFileSync("judges.json", "utf-8"));
const cookie = new AsyncLocalStorage();
const connected = globalThis.fetch;
const realNow = Date.now.bind(Date);
const counts = { asked: 0, unchanged: 0, sent: 0, dropped: 0, lost: 0, saved: 0, conflicts: 0, unanswered: 0, refused: 0 };
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

Date.now = () => realNow() + 3_600_000;
globalThis.document = { visibilityState: "visible", addEventListener() {} };
globalThis.addEventListener = () => {};
globalThis.fetch = async (address, options) => {
  counts[options.method === "PUT" ? "sent" : "asked"] += 1;
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
  if (answer.status === 304) counts.unchanged += 1;
  return answer;
};

const { deliver, put } = await import("./deliver.js");
const { poll, serverNow } = await import("./polling.js");

const errors = []; // milliseconds by which the corrected clock was wrong
const delays = []; // milliseconds from a move until a judge's page knew it

async function score(told, proposal, token) {
  const copy = { version: 0, unknown: [], submit: false, content: { scores: {}, comment: "" } };
  const mine = (told.sheets[proposal] = { typed: [], confirmed: [] });
  const save = async () => {
    const answer = await deliver(copy, (body) => put(`${sheets}/${proposal}`, body, { token }), () => {});
    if (answer.kind === "stored") {
      counts.saved += 1;
      mine.confirmed.push({ version: answer.stored.version, submit: answer.submit, content: JSON.parse(answer.content) });
    } else if (answer.kind === "conflict") counts.conflicts += 1;
    else if (answer.kind === "busy" || answer.kind === "unreachable") counts.unanswered += 1;
    else counts.refused += 1;
    return answer.kind === "stored";
  };
  await pause(Math.random() * 4000);
  for (const [place, criterion] of criteria.entries()) {
    const scores = { ...copy.content.scores, [criterion]: String(1 + Math.floor(Math.random() * 8)) };
    copy.content = { scores, comment: `${told.key} ${proposal} ${place}` };
    copy.submit = place === criteria.length - 1;
    mine.typed.push(copy.content);
    const until = realNow() + 500 + Math.random() * 2500;
    do {
      if (!(await save())) await pause(500 + Math.random() * 1000);
      else break;
    } while (copy.submit || realNow() < until);
    await pause(Math.max(0, until - realNow()));
  }
}

async function judge({ key, token }) {
  const told = { key, sheets: {} };
  const under = [];
  await new Promise((done) => {
    poll(stage, {
      accept: "application/json",
      changed(state) {
        if (state.running_since && !state.used_seconds) delays.push(realNow() - Date.parse(state.running_since));
        if (state.pitch && !told.sheets[state.pitch.key]) under.push(score(told, state.pitch.key, token));
        if (state.phase === "ended") done();
      },
      lost() {},
      found: () => errors.push(Math.abs(serverNow() - realNow())),
    });
  });
  await Promise.all(under);
  return told;
}

const told = await Promise.all(judges.map((one) => cookie.run(one.cookie, () => judge(one))));
const at = (values, part) => Math.round(values.sort((a, b) => a - b)[Math.floor(part * (values.length - 1))]);
const seen = { "clock wrong, median ms": at(errors, 0.5), "clock wrong, p99 ms": at(errors, 0.99) };
Object.assign(seen, { "move seen after, median ms": at(delays, 0.5), "move seen after, p99 ms": at(delays, 0.99) });
writeFileSync("told.json", JSON.stringify({ counts: { ...counts, ...seen }, judges: told }));
process.exit(0);
