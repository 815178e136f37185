// Passkeys: a button asks the device, and its answer is sent with the form. Without this file, links, passwords and
// codes work; the boxes of passkeys stay hidden.

if (window.PublicKeyCredential) {
  for (const box of document.querySelectorAll(".passkey-box")) prepare(box);
}

function prepare(box) {
  const form = box.closest("form");
  const button = box.querySelector("button");
  const problem = box.querySelector(".passkey-problem");
  box.hidden = false;
  button.addEventListener("click", async () => {
    problem.hidden = true;
    button.disabled = true;
    try {
      const options = parsed(JSON.parse(box.dataset.options));
      const credential =
        box.dataset.passkey === "create"
          ? await navigator.credentials.create({ publicKey: options })
          : await navigator.credentials.get({ publicKey: options });
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = box.dataset.field;
      field.value = JSON.stringify(sent(credential));
      form.append(field);
      form.submit();
    } catch {
      // The person has cancelled, or the device has no passkey of this site: browsers do not say which.
      problem.textContent = problem.dataset.text;
      problem.hidden = false;
      button.disabled = false;
    }
  });
}

function parsed(options) {
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  for (const list of [options.excludeCredentials, options.allowCredentials]) {
    for (const known of list ?? []) known.id = bytes(known.id);
  }
  return options;
}

function sent(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

function bytes(base64url) {
  const binary = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function text(buffer) {
  const binary = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
