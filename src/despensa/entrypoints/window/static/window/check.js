/**
 * The verifier page: one code in, one answer out; nothing is sent and nothing is kept.
 *
 * Every sentence stands in the page already; this only shows the right one and fills in numbers.
 * Source: docs/decisions/0030-the-verifier-page.md.
 */

import { displayCardNumber } from "../field/card/claims.js";
import { isOfAnotherIssuer } from "../field/card/foreign.js";
import { CANNOT_TELL, GENUINE, verify } from "../field/card/verify.js";
import { PictureError, textsInFile, textsInFrame } from "../field/scan/picture.js";

const page = document.documentElement;
const room = /** @type {HTMLElement} */ (document.querySelector("[data-check]"));
const video = /** @type {HTMLVideoElement} */ (room.querySelector("video"));
const cameraButton = /** @type {HTMLButtonElement} */ (room.querySelector("[data-camera]"));
const stopButton = /** @type {HTMLButtonElement} */ (room.querySelector("[data-stop]"));
const fileInput = /** @type {HTMLInputElement} */ (room.querySelector("input[type=file]"));
const day = new Intl.DateTimeFormat(page.lang, { dateStyle: "long", timeZone: "UTC" });
/** A frame in so many milliseconds is enough for a hand that holds a card. */
const FRAME_MS = 120;

/** @type {import("../field/card/verify.js").IssuerKeys | null} */
let issuerKeys = null;
/** @type {MediaStream | null} */
let stream = null;

/** @param {string} name the answer to show; all others are hidden */
function show(name) {
  for (const part of room.querySelectorAll("[data-answer]")) {
    part.toggleAttribute("hidden", part.getAttribute("data-answer") !== name);
  }
  const shown = room.querySelector("[data-answer]:not([hidden])");
  if (shown instanceof HTMLElement) shown.focus();
}

/** @param {string} name @param {string} text */
function fill(name, text) {
  for (const place of room.querySelectorAll(`[data-fill="${name}"]`)) place.textContent = text;
}

/** @param {string} name @param {boolean} isThere */
function only(name, isThere) {
  for (const part of room.querySelectorAll(`[data-only="${name}"]`)) {
    part.toggleAttribute("hidden", !isThere);
  }
}

async function keys() {
  if (issuerKeys) return issuerKeys;
  const answer = await fetch(room.dataset.keys ?? "", { credentials: "omit" });
  const { keys: listed } = await answer.json();
  issuerKeys = new Map(
    listed
      .filter((/** @type {{crv: string}} */ key) => key.crv === "Ed25519")
      .map((/** @type {{kid: string, x: string}} */ key) => [hexOf(bytes(key.kid)), bytes(key.x)]),
  );
  return issuerKeys;
}

/** @param {string} text base64url */
function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (one) => one.charCodeAt(0));
}

/** @param {Uint8Array} data */
function hexOf(data) {
  return [...data].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {string} text */
async function answer(text) {
  let known;
  try {
    known = await keys();
  } catch {
    show("no-keys");
    return;
  }
  const now = Math.floor(Date.now() / 1000);
  const said = await verify(text, { issuerKeys: known, now });
  if (said.verdict !== GENUINE || !said.card) {
    const isOthers = said.verdict === CANNOT_TELL || isOfAnotherIssuer(text, known);
    show(isOthers ? "cannot-tell" : "not-genuine");
    return;
  }
  fill("number", displayCardNumber(said.card.number));
  // the second of expiry is the first in which it counts no more
  fill("expires", day.format((said.card.expiresAt - 1) * 1000));
  fill("begins", day.format(said.card.issuedAt * 1000));
  fill("key", said.kid ?? "");
  const isIdentity = said.card.kind === "IdentityCard";
  only("entitlement", !isIdentity);
  only("identity", isIdentity);
  if (said.card.kind === "IdentityCard") fill("name", String(said.card.fields.get(4)));
  show(said.notYetValid ? "not-yet" : said.expired ? "expired" : "genuine");
}

/** @param {string[]} texts */
async function answerOne(texts) {
  if (texts.length > 1) show("several");
  else if (texts.length) await answer(texts[0]);
  else show("no-code");
}

async function startCamera() {
  show("none");
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } },
    });
  } catch {
    show("no-camera");
    return;
  }
  video.srcObject = stream;
  await video.play();
  looking(true);
  while (stream) {
    const texts = await textsInFrame(video);
    if (!stream) return;
    if (texts.length) {
      navigator.vibrate?.(80);
      stopCamera();
      await answerOne(texts);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, FRAME_MS));
  }
}

function stopCamera() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  video.srcObject = null;
  looking(false);
}

/** @param {boolean} isLooking */
function looking(isLooking) {
  room.querySelector("[data-view]")?.toggleAttribute("hidden", !isLooking);
  cameraButton.hidden = isLooking;
}

async function readFile() {
  const [file] = fileInput.files ?? [];
  if (!file) return;
  stopCamera();
  show("looking");
  try {
    await answerOne(await textsInFile(file));
  } catch (error) {
    if (!(error instanceof PictureError)) throw error;
    show("no-picture");
  }
  // the same picture may be chosen again, and none stays behind in the form
  fileInput.value = "";
}

/** Once the worker is in charge, the page works without a network. */
async function keepForOffline() {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register(room.dataset.worker ?? "", { scope: room.dataset.scope });
  await navigator.serviceWorker.ready;
  page.dataset.offline = "ready";
}

cameraButton.hidden = !navigator.mediaDevices?.getUserMedia;
only("insecure", cameraButton.hidden);
cameraButton.addEventListener("click", startCamera);
stopButton.addEventListener("click", stopCamera);
fileInput.addEventListener("change", readFile);
// a keyboard scanner types the code and ends with Enter
room.querySelector("form")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = /** @type {HTMLInputElement} */ (room.querySelector("[name=code]"));
  const typed = field.value;
  field.value = "";
  if (typed) await answer(typed);
});
page.dataset.ready = "yes";
keepForOffline().catch(() => only("online", true));
keys().catch(() => {});
