// Send a copy of a scoresheet until the service has confirmed exactly its content.

import { sha256 } from "./sha256.js";

const PATIENCE = 20000; // milliseconds for one request, with its answer read to the end
const FIRST_PAUSE = 2000; // milliseconds before the second attempt; each further pause is twice as long
const LONGEST_PAUSE = 60000;
const MOST_UNKNOWN = 4;
const MOST_STEPS = 8;

export function pauseAfter(attempts, seconds) {
  const pause = Math.min(FIRST_PAUSE * 2 ** attempts, LONGEST_PAUSE);
  // Up to half as long again, at random: browsers that were refused together must not come back together.
  return Math.max(pause, (seconds || 0) * 1000) * (1 + Math.random() / 2);
}

// Returns the JSON of an address, or null.
export async function get(address) {
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(), PATIENCE);
  try {
    const answer = await fetch(address, { redirect: "error", signal: ended.signal });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

// Send one body. The answer is "stored" only when it has the digest of this body: a page of a captive portal has not.
export async function put(address, body, { token, signal, keepalive = false }) {
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(), PATIENCE);
  const abort = () => ended.abort();
  signal?.addEventListener("abort", abort);
  try {
    const answer = await fetch(address, {
      method: "PUT",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body,
      keepalive,
      redirect: "error",
      signal: ended.signal,
    });
    const seconds = Number(answer.headers.get("Retry-After"));
    const content = await answer.json().catch(() => null);
    if (ended.signal.aborted) return { kind: "unreachable" };
    return { ...kindOf(answer.status, content, body), seconds };
  } catch {
    return { kind: "unreachable" };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

function kindOf(status, content, body) {
  if (status === 200 && content?.sent_digest === sha256(body) && Number.isInteger(content.version)) {
    return { kind: "stored", stored: content };
  }
  if (status === 409 && content?.current) return { kind: "conflict", current: content.current };
  if (status === 422 && content?.errors) return { kind: "refused", errors: content.errors };
  if (status === 401 || content?.type === "urn:judging:problem:csrf-token") {
    return { kind: content?.status === status ? "signed-out" : "busy" };
  }
  if ([403, 404, 409, 410].includes(status) && content?.status === status) return { kind: "denied" };
  return { kind: "busy" };
}

// What only the judge can settle, by an answer: what got it is not sent again by itself. Empty for other answers.
export function needOf(answer) {
  if (answer.kind === "conflict") return answer.current.is_open ? "conflict" : "closed";
  return { refused: "refused", denied: "gone" }[answer.kind] ?? "";
}

export function bodyOf(copy) {
  return JSON.stringify({ ...copy.content, base_version: Number(copy.version) || 0, submit: Boolean(copy.submit) });
}

// Returns the last answer, for a stored one with the content that it confirms. `send(body)` is `put`, `keep()` stores
// the copy in the browser. Without an answer nobody knows whether a body was stored. So it is sent again as it was: the
// service answers with the stored version when it is the same, and nothing is stored twice. Submitting does not wait
// for that: only after a refusal is it asked which earlier body was stored.
export async function deliver(copy, send, keep) {
  let answer;
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const [content, newest, submit] = [JSON.stringify(copy.content), bodyOf(copy), Boolean(copy.submit)];
    const body = submit || !copy.unknown.length ? newest : copy.unknown.at(-1);
    if (!copy.unknown.includes(body)) copy.unknown = [...copy.unknown, body].slice(-MOST_UNKNOWN);
    keep();
    answer = await send(body);
    if (answer.kind === "stored") {
      copy.version = answer.stored.version;
      copy.unknown = [];
      if (body === newest) return { ...answer, content, submit };
      continue;
    }
    if (answer.kind === "refused") {
      // What is refused is not stored. The complaints about an earlier body say nothing about the newest one.
      copy.unknown = copy.unknown.filter((other) => other !== body);
      keep();
      if (body !== newest) continue;
    }
    if (answer.kind !== "conflict" || !answer.current.is_open) return answer;
    const earlier = copy.unknown.filter((other) => other !== body);
    copy.unknown = [];
    let known = null;
    while (earlier.length && known?.kind !== "stored") {
      known = await send(earlier.at(-1));
      if (known.kind !== "stored" && known.kind !== "conflict") {
        copy.unknown = earlier;
        return known;
      }
      earlier.pop();
    }
    if (known?.kind !== "stored") return answer;
    copy.version = known.stored.version;
  }
  return answer.kind === "stored" ? { kind: "busy" } : answer;
}
