// The page "Please try again" sends its form by itself, after longer and longer pauses.

import { pauseAfter } from "./deliver.js";

const KEY = "judging:attempts"; // how often it was sent, and when
const TOGETHER = 180000; // milliseconds after which a new page begins to count again

const form = document.getElementById("again");
if (form) {
  const [before, at] = JSON.parse(sessionStorage.getItem(KEY) ?? "[0, 0]");
  const attempts = Date.now() - at < TOGETHER ? before : 0;
  document.getElementById("again-by-itself").hidden = false;
  const timer = setTimeout(() => form.requestSubmit(), pauseAfter(attempts, Number(form.dataset.seconds)));
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    sessionStorage.setItem(KEY, JSON.stringify([attempts + 1, Date.now()]));
  });
}
