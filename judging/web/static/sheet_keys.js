// Keys in a row of scores: digits choose, arrows move and stop at both ends, Delete takes a score away. Where a score is
// typed, a tap on a described level types it.

const NEXT = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
const TOGETHER = 700; // milliseconds between the digits of one number
const JUST_ARRIVED = 800; // milliseconds in which nothing is submitted on a page that followed a submitted sheet

export function startKeys(form) {
  // The second press of a double press was meant for the sheet before; so is the animation of `.just-arrived`.
  const refuse = (event) => {
    if (performance.now() > JUST_ARRIVED || !event.submitter?.value.startsWith("submit")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  if (form.dataset.arrived) form.addEventListener("submit", refuse, { capture: true });
  form.addEventListener("click", (event) => {
    const level = event.target.closest("[data-level]");
    const typed = level?.closest(".criterion").querySelector(".score-number");
    if (!typed) return;
    typed.value = level.dataset.level;
    typed.dispatchEvent(new Event("input", { bubbles: true }));
  });
  let typed = "";
  let typedAt = 0;
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      // Keys that are held down would submit the next one too.
      if (event.repeat) return;
      // To the next proposal, without the page of the submitted one in between.
      form.requestSubmit(form.querySelector('button[value="submit-next"]') ?? form.querySelector('button[value="submit"]'));
      return;
    }
    const row = event.target.closest(".choices");
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const choices = [...row.querySelectorAll("input")].filter((choice) => choice.value !== "");
    const none = row.querySelector('input[value=""]');
    let chosen;
    if (event.key in NEXT) {
      const at = choices.findIndex((choice) => choice.checked);
      chosen = at < 0 ? choices[NEXT[event.key] > 0 ? 0 : -1] : choices[at + NEXT[event.key]];
      // Without this, the browser goes on from the last score to "none" and erases it.
      event.preventDefault();
    } else if (event.key === "Delete" || event.key === "Backspace") {
      chosen = none;
    } else if (/^\d$/.test(event.key)) {
      typed = event.timeStamp - typedAt < TOGETHER ? typed + event.key : event.key;
      typedAt = event.timeStamp;
      chosen = choices.find((choice) => choice.value === typed) ?? choices.find((choice) => choice.value === event.key);
    }
    if (!chosen) return;
    event.preventDefault();
    chosen.focus();
    if (chosen.checked) return;
    chosen.checked = true;
    chosen.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
