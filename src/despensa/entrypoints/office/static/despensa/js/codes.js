// Reads a row of codes from a phone's screen with this computer's camera, and sends what they hold.
// The page works without it: pictures of the codes may be chosen as files.
// @ts-check

const SEEN_MS = 40;
const JOURNAL = 3;
const NAME = "codes.events";

for (const room of document.querySelectorAll("[data-codes]")) {
  const part = /** @type {HTMLElement} */ (room);
  part.hidden = !navigator.mediaDevices;
  part.querySelector("[data-start]")?.addEventListener("click", () => read(part));
}

/** @param {HTMLElement} room */
async function read(room) {
  const video = /** @type {HTMLVideoElement} */ (room.querySelector("video"));
  const told = /** @type {HTMLElement} */ (room.querySelector("[data-seen]"));
  const { textsInFrame } = await import(room.dataset.reader ?? "");
  const { Gathering } = await import(room.dataset.frames ?? "");
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  video.hidden = false;
  video.srcObject = stream;
  await video.play();
  const gathering = new Gathering();
  let data = null;
  while (!data) {
    for (const text of await textsInFrame(video)) data ??= await gathering.add(text);
    if (gathering.kind !== JOURNAL) data = null;
    const words = told.dataset.seen ?? "";
    told.textContent = words.replace("{seen}", gathering.chunks.size).replace("{count}", gathering.count);
    await new Promise((resolve) => setTimeout(resolve, SEEN_MS));
  }
  for (const track of stream.getTracks()) track.stop();
  send(/** @type {HTMLFormElement} */ (room.closest("form")), data);
}

/** @param {HTMLFormElement} form @param {Uint8Array<ArrayBuffer>} data */
function send(form, data) {
  const input = /** @type {HTMLInputElement} */ (form.querySelector("input[type=file]"));
  const files = new DataTransfer();
  files.items.add(new File([data], NAME));
  input.files = files.files;
  form.requestSubmit();
}
