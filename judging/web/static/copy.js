// A button that copies a field. Browsers give the clipboard to https and to this computer only: elsewhere the field is
// selected, and copied in the older way. Without this file there is no button.

for (const button of document.querySelectorAll("button[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  if (!field) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    const copied = navigator.clipboard
      ? await navigator.clipboard.writeText(field.value).then(() => true, () => false)
      : document.execCommand("copy");
    if (copied) button.textContent = button.dataset.textCopied;
  });
}
