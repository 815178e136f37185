// Pages with several forms: what is typed in one of them is lost when another one is sent, or a link is followed. The
// browser asks first.

let sent = null;

function isUnstored(field) {
  return field.form !== sent && field.value.trim() !== "" && field.closest("[data-unstored]");
}

addEventListener("submit", (event) => {
  sent = event.target;
});
addEventListener("beforeunload", (event) => {
  if ([...document.querySelectorAll("textarea")].some(isUnstored)) event.preventDefault();
  sent = null;
});
