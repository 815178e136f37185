// Uploads of slides and videos one by one, with progress; without this file the form sends all of them at once.

const form = document.getElementById("upload");
if (form) start(form);

function start(form) {
  const text = form.dataset;
  const list = form.querySelector(".upload-list");
  const button = form.querySelector("button");
  const input = form.querySelector("input[type=file]");

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    for (const file of [...input.files]) await send(file, addLine(file.name));
    button.disabled = false;
    input.value = "";
    const link = document.createElement("a");
    link.href = location.pathname;
    link.textContent = text.textDone;
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  });

  function addLine(name) {
    const item = document.createElement("li");
    const status = document.createElement("span");
    item.append(`${name}${text.colon}`, status);
    list.append(item);
    return status;
  }

  function send(file, status) {
    const body = new FormData();
    body.append("proposal", form.elements.proposal.value);
    body.append("files", file);
    const request = new XMLHttpRequest();
    request.open("POST", text.api);
    request.setRequestHeader("X-CSRFToken", form.elements.csrf_token.value);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      const share = Math.floor((100 * event.loaded) / event.total);
      status.textContent = share < 100 ? text.textSending.replace("{percent}", share) : text.textChecking;
    });
    return new Promise((resolve) => {
      request.addEventListener("loadend", () => {
        status.textContent = outcome(request);
        status.className = request.status === 200 ? "" : "is-invalid-text";
        resolve();
      });
      request.send(body);
    });
  }

  function outcome(request) {
    try {
      const answer = JSON.parse(request.responseText);
      if (request.status === 200) return text.textStored.replace("{proposal}", answer.stored[0].proposal);
      const complaints = Object.values(answer.errors ?? {}).flat();
      return complaints.length ? complaints.join(" ") : answer.detail;
    } catch {
      return text.textFailed;
    }
  }
}
