// Shows the progress of a job without loading the page again; without this file the page loads itself every two seconds.

const box = document.querySelector("[data-job]");
const fields = Object.fromEntries(
  ["step", "progress", "percent", "left"].map((name) => [name, box.querySelector(`[data-${name}]`)]),
);

// A screen reader must not read the same text twice a second.
const put = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};

let pause = 500;
const ask = async () => {
  try {
    const answer = await fetch(box.dataset.job, { headers: { Accept: "application/json" } });
    if (answer.status === 401 || answer.status === 404) return window.location.reload();
    if (!answer.ok) throw new Error(String(answer.status));
    const job = await answer.json();
    if (!["waiting", "running"].includes(job.state)) return window.location.replace(box.dataset.page);
    put(fields.step, job.step);
    put(fields.percent, String(job.percent));
    put(fields.left, job.time_left);
    fields.progress.value = job.percent;
    pause = 500;
  } catch {
    put(fields.step, box.dataset.lost);
    pause = Math.min(pause * 2, 10000);
  }
  window.setTimeout(ask, pause);
};
window.setTimeout(ask, pause);
