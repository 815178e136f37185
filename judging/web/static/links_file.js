// A file of links that are shown once is fetched, and the page then tells of them: a second press would end the links
// of the first file. A link that the page itself shows stays. Without this file the browser downloads by itself.

const REFRESHED = [".preparation", ".table-box"];

for (const form of document.querySelectorAll("form[data-links-file]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    if (button.disabled) return;
    button.disabled = true;
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form) }).catch(() => null);
    const name = /filename="?([^";]+)/.exec(answer?.headers.get("Content-Disposition") ?? "")?.[1];
    const file = answer?.ok && name ? await answer.blob().catch(() => null) : null;
    // A refusal is a page, and refuses again. Links that were lost on the way are of no use: the browser asks anew.
    if (!file) {
      button.disabled = false;
      return form.submit();
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = name;
    link.click();
    const made = form.appendChild(document.createElement("p"));
    made.setAttribute("role", "status");
    made.textContent = form.dataset.textMade;
    const page = await fetch(form.dataset.linksFile).catch(() => null);
    if (!page?.ok) return;
    const fresh = new DOMParser().parseFromString(await page.text(), "text/html");
    for (const part of REFRESHED) {
      const element = fresh.querySelector(part);
      if (element) document.querySelector(part)?.replaceWith(element);
    }
  });
}
