// Phrases that a criterion offers: a tap puts one at the end of the comment, a second tap takes it out again.

export function startPhrases(form) {
  for (const group of form.querySelectorAll(".phrases")) {
    const comment = document.getElementById(group.dataset.for);
    const buttons = [...group.querySelectorAll("button")];
    const has = (phrase) => comment.value.split("\n").includes(phrase);
    const show = () => {
      for (const button of buttons) button.setAttribute("aria-pressed", String(has(button.textContent)));
    };
    group.hidden = false;
    group.addEventListener("click", (event) => {
      const phrase = event.target.closest("button")?.textContent;
      if (!phrase) return;
      const lines = comment.value.split("\n");
      const rest = has(phrase) ? lines.filter((line) => line !== phrase) : [...lines.filter((line, at) => line || at < lines.length - 1), phrase];
      comment.value = rest.join("\n");
      comment.dispatchEvent(new Event("input", { bubbles: true }));
    });
    comment.addEventListener("input", show);
    show();
  }
}
