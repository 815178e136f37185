// The proposed key follows what is typed. The server makes it, by the rules for a field that is left empty.

const PAUSE = 400; // milliseconds without typing

const form = document.getElementById("new-competition");
let timer;
let newest = 0;

async function propose() {
  const own = ++newest;
  const typed = [...new FormData(form)].filter(([name]) => name === "source" || name.startsWith("name-"));
  try {
    const answer = await fetch(`${form.action}?${new URLSearchParams(typed)}`);
    if (!answer.ok || own !== newest) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    form.elements.key.placeholder = page.getElementById("key").placeholder;
  } catch {
    // Without a connection the field keeps its proposal; the server makes the key when the form is sent.
  }
}

form.addEventListener("input", (event) => {
  if (event.target === form.elements.key) return;
  clearTimeout(timer);
  timer = setTimeout(propose, PAUSE);
});
