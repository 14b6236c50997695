// The phone app's own modules in a browser, without its screens: a list, scans, a store that lasts.
// Loaded by tests/entrypoints/field/alone.py from a server that has the app's files at /.

const at = (name) => import(`/${name}`);
const { Store } = await at("app/store/database.js");
const { createKeys } = await at("app/store/keys.js");
const { Journal } = await at("app/store/journal.js");
const { Phone } = await at("app/phone.js");
const { MEANS } = await at("domain/event.js");
const { ABORT } = await at("domain/refusal.js");
const { NO_LEASE } = await at("domain/sealing.js");
const { locateNumber, matchOf } = await at("domain/locate.js");
const { fromHex, hex } = await at("domain/octets.js");
const { textsInFrame } = await at("scan/picture.js");

export async function keys() {
  const store = await Store.open();
  const made = await createKeys();
  await store.write([["phone", "keys", made]]);
  return { device: hex(made.deviceId), signing: hex(made.signingKey), sealing: hex(made.sealingKey) };
}

export async function begin({ certificate, authority, inbox, issuer, workspace, lease, sealed, now, operator }) {
  const store = await Store.open();
  const own = await store.one("keys");
  const trust = {
    certificate: fromHex(certificate), workspaceId: fromHex(workspace), expiresAt: now + 9e6,
    authorityKeys: [fromHex(authority)], inboxKey: fromHex(inbox), issuerKeys: [fromHex(issuer)],
    officeKey: fromHex(inbox), logKey: "", name: "Office", timeZone: "UTC", operators: [],
  };
  const begun = await Journal.begun(own, trust.certificate, { inboxKey: trust.inboxKey, leaseId: NO_LEASE });
  await store.write([["phone", "trust", trust], ...begun]);
  const phone = await Phone.open(store);
  await phone.loadLease(fromHex(lease), fromHex(sealed), now);
  await phone.openSession(now, fromHex(operator), null);
}

/** Serve everybody who was not served yet, until somebody kills the tab. */
export async function serve({ numbers, now, today, operator, second }) {
  const phone = await Phone.open(await Store.open());
  document.title = "serving";
  for (const text of numbers) {
    const places = await locateNumber(text, phone.index);
    if (matchOf(places, phone.index, phone.journal.collected).collected) continue;
    const scan = { text, means: MEANS.TYPED, now, today, contested: false, outOfStock: false };
    const result = await phone.scan(scan, fromHex(operator), fromHex(second), async () => null);
    await phone.handOver(result, result.goods, now, fromHex(operator));
  }
  document.title = "done";
}

/** Return everything that was written, as it would be sent, and the tags marked as served. */
export async function written() {
  const store = await Store.open();
  const phone = await Phone.open(store);
  const batches = [];
  for (let from = 0; ; ) {
    const next = await phone.journal.batch(from);
    if (!next) break;
    batches.push(hex(next.batch));
    from = next.last;
  }
  return { batches, marks: [...phone.journal.collected], seq: phone.journal.state.seq };
}

/** Return what a track with a lamp was asked for while somebody switched it on and off. */
export async function light() {
  const { Camera } = await at("app/camera.js");
  const asked = [];
  const track = {
    getCapabilities: () => ({ torch: true }),
    applyConstraints: async ({ advanced: [{ torch }] }) => void asked.push(torch),
    stop: () => asked.push("stopped"),
  };
  const camera = new Camera(document.createElement("video"));
  const before = camera.hasLight;
  camera.stream = { getVideoTracks: () => [track], getTracks: () => [track] };
  if (camera.hasLight) await camera.switchLight();
  await camera.switchLight();
  camera.stop();
  return [before, ...asked];
}

/** Return how long each frame took from the picture to the verdict; null where no code was found. */
export async function frames({ pictures, now, today, operator }) {
  const phone = await Phone.open(await Store.open());
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  const took = [];
  for (const picture of pictures) {
    const image = await createImageBitmap(await (await fetch(picture)).blob());
    [canvas.width, canvas.height] = [image.width, image.height];
    context.drawImage(image, 0, 0);
    Object.assign(canvas, { videoWidth: image.width, videoHeight: image.height });
    const began = performance.now();
    const [text] = await textsInFrame(canvas);
    if (!text) {
      took.push(null);
      continue;
    }
    const scan = { text, means: MEANS.CAMERA, now, today, contested: false, outOfStock: false };
    const result = await phone.scan(scan, fromHex(operator), null, async () => null);
    took.push(performance.now() - began);
    if (result.outcome !== "delivered") throw new Error(`refused: ${result.reason}`);
    await phone.abort(ABORT.OPERATOR, now, fromHex(operator));
  }
  return took;
}
