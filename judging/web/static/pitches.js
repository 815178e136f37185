// The stage on a judge's page and on the screen of the room: who is there, how long still, who comes next. A judge's
// page of the pitch of now goes on to the next one by itself when nothing would be left behind, and else offers it.

import { copies } from "./kept.js";
import { assume, clockText, left, poll } from "./polling.js";
import { values } from "./sheet_fields.js";

for (const box of document.querySelectorAll("[data-state]")) start(box);

function start(box) {
  const text = box.dataset;
  const phases = JSON.parse(text.phases);
  const part = (name) => box.querySelector(`[data-stage="${name}"]`);
  const form = document.getElementById("scoresheet");
  const isNow = text.now !== undefined && location.pathname === new URL(text.now, location).pathname;
  // The page of the pitch of now follows the stage; whoever looks at another sheet stays there.
  const follows = isNow || (text.here !== undefined && text.here !== "" && text.here === text.key);
  let clock = { limit: text.limit === "" ? null : Number(text.limit), used: Number(text.used), since: text.since ? Date.parse(text.since) : null };
  let paused = clock.limit !== null && clock.since === null;
  let state = null;

  assume(Number(text.time));

  const put = (element, wording) => {
    if (element && element.textContent !== wording) element.textContent = wording;
  };

  function tick() {
    const seconds = clock.limit === null ? null : left(clock);
    put(part("clock"), seconds === null ? "" : clockText(seconds) + (paused ? ` ${text.textPaused}` : ""));
    box.classList.toggle("stage-over", seconds !== null && seconds < 0);
    box.classList.toggle("stage-soon", seconds !== null && seconds >= 0 && seconds <= 30);
  }

  const team = (pitch) => (pitch ? `${pitch.key} ${pitch.team ?? pitch.title}` : "");

  function show(found) {
    state = found;
    clock = { limit: found.limit, used: found.used_seconds, since: found.running_since && Date.parse(found.running_since) };
    paused = found.limit !== null && clock.since === null;
    put(part("phase"), phases[found.phase]);
    put(part("nth"), found.pitch ? text.textNth.replace("{n}", found.place).replace("{all}", found.n_pitches) : "");
    put(part("team"), team(found.pitch));
    if (found.pitch?.language) part("team").lang = found.pitch.language;
    put(part("title"), found.pitch?.title ?? "");
    put(part("next"), found.next ? text.textNext + team(found.next) : "");
    tick();
    if (text.now) goOn();
  }

  // Nothing typed, nothing unsent, nothing begun: whoever leaves this page loses nothing.
  function isDone() {
    if (document.querySelector(".giving-back[open]")) return false;
    if (!form) return true;
    return !copies(form.dataset.key).length && Object.values(values(form)).every((value) => !value);
  }

  function goOn() {
    const key = state.pitch?.key ?? "";
    const hasChanged = key !== text.key || (!key && state.phase !== text.phase);
    const isElsewhere = follows ? hasChanged : key !== "" && key !== text.here;
    if (follows && hasChanged) {
      if (form && key) {
        // Once this sheet is submitted, the page goes on to the stage.
        form.dataset.next = `${text.now}?submitted=${encodeURIComponent(text.here)}`;
        form.dataset.goesOn = "1";
      }
      if (isDone() && (key || !text.here)) return location.assign(text.now);
    }
    const wording = state.phase === "called" ? text.textCalled : key ? text.textBegun : text.textOver;
    put(part("go"), wording.replace("{n}", state.place));
    part("go").hidden = !isElsewhere;
    box.classList.toggle("stage-elsewhere", isElsewhere);
  }

  poll(text.state, {
    accept: "application/json",
    changed: show,
    lost: () => put(part("lost"), text.textLost),
    found: () => put(part("lost"), ""),
  });
  document.documentElement.classList.add("has-script");
  tick();
  setInterval(tick, 250);
}
