// Approval by passkey: the assertion's challenge is the proposal's hash, so the signature says which
// proposal was meant (docs/reference/formats.md section 9).
// @ts-check

const toBytes = (/** @type {string} */ text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));

const toText = (/** @type {ArrayBuffer} */ bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const assertion = async (/** @type {HTMLFormElement} */ form) => {
  const credential = await navigator.credentials.get({
    publicKey: {
      challenge: toBytes(form.dataset.challenge ?? ""),
      rpId: form.dataset.host,
      userVerification: "required",
      allowCredentials: (form.dataset.credentials ?? "")
        .split(" ")
        .filter(Boolean)
        .map((id) => ({ type: "public-key", id: toBytes(id) })),
    },
  });
  if (!(credential instanceof PublicKeyCredential)) throw new Error("no credential");
  const { response } = credential;
  if (!(response instanceof AuthenticatorAssertionResponse)) throw new Error("no assertion");
  return JSON.stringify({
    id: toText(credential.rawId),
    authenticatorData: toText(response.authenticatorData),
    clientDataJSON: toText(response.clientDataJSON),
    signature: toText(response.signature),
  });
};

/** Show the passkey button where the browser can use one, and fill the form with its answer. */
const offerPasskeys = () => {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!(form instanceof HTMLFormElement)) continue;
    const answer = form.elements.namedItem("passkey");
    const failed = form.querySelector("[data-passkey-failed]");
    if (!(answer instanceof HTMLInputElement)) continue;
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      if (answer.value) return;
      event.preventDefault();
      try {
        answer.value = await assertion(form);
        form.requestSubmit();
      } catch {
        failed?.removeAttribute("hidden");
      }
    });
  }
};

if ("PublicKeyCredential" in window) offerPasskeys();
