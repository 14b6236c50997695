/**
 * Plays a day with the phone app's own journal while its tab is killed between any two writes.
 *
 * Reads {households, kills, seed} as JSON, writes what the store holds at the end. The store is a map
 * whose writes are whole or nothing, which is what IndexedDB promises; everything else is the app's.
 */

const field = "../../src/despensa/entrypoints/field/static/field/";
const { isCardNumber } = await import(`${field}card/claims.js`);
const cose = await import(`${field}domain/cose.js`);
const { KIND, MEANS, verifyChain } = await import(`${field}domain/event.js`);
const { verifyCertificate } = await import(`${field}domain/device.js`);
const { NO_LEASE, inboxInfo, openEvents } = await import(`${field}domain/sealing.js`);
const { hex, joined } = await import(`${field}domain/octets.js`);
const { numberLookup8 } = await import(`${field}domain/tag.js`);
const { openSealed, seal } = await import(`${field}crypto/hpke.js`);
const { sha256 } = await import(`${field}crypto/primitives.js`);
const { createPair } = await import(`${field}crypto/x25519.js`);
const { createKeys } = await import(`${field}app/store/keys.js`);
const { Journal } = await import(`${field}app/store/journal.js`);
const { Phone } = await import(`${field}app/phone.js`);

const NOW = 1_780_000_000;
const DAY = 20_601;
const ID = (name) => sha256(joined(name)).then((data) => data.slice(0, 16));
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

class Killed extends Error {}

/** Whole writes or none; dies before or after one of them. */
class Memory {
  constructor() {
    this.stores = { phone: new Map(), event: new Map(), mark: new Map() };
    this.left = Infinity;
    this.isBefore = false;
  }

  async one(key) {
    return this.stores.phone.get(key);
  }

  async marks() {
    return [...this.stores.mark];
  }

  async eventsAfter(after, most) {
    const rows = [...this.stores.event.values()].sort((one, other) => one.seq - other.seq);
    return rows.filter(({ seq }) => seq > after).slice(0, most);
  }

  async write(changes) {
    const dies = --this.left === 0;
    if (dies && this.isBefore) throw new Killed();
    for (const [store, key, value] of changes) {
      if (value === undefined) this.stores[store].delete(key);
      else this.stores[store].set(key, value);
    }
    if (dies) throw new Killed();
  }
}

/** A dice that falls the same way for the same seed. Source: mulberry32, public domain. */
function diceOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function cardNumber(place) {
  const body = `ABCDE${String(2222 + place).replaceAll("0", "X").replaceAll("1", "Y")}`.slice(0, 9);
  const check = [...ALPHABET].find((one) => isCardNumber(body + one));
  return check ? body + check : null;
}

async function signerOf() {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const signer = async (data) => new Uint8Array(await crypto.subtle.sign("Ed25519", pair.privateKey, data));
  const sign = (fields, label) =>
    cose.sign(new Map(fields.map((value, key) => [key, value])), { label, publicKey, signer });
  return { publicKey, sign };
}

async function prepared(numbers) {
  const [authority, inbox, keys] = [await signerOf(), await createPair(), await createKeys()];
  const [workspace, area, session, point, leaseId] = await Promise.all(["w", "a", "s", "p", "l"].map(ID));
  const [programme, cycle] = await Promise.all(["programme", "cycle"].map(ID));
  const certificate = await authority.sign(
    [1, keys.deviceId, workspace, keys.signingKey, keys.sealingKey, area, NOW, NOW + 9e6, keys.protection],
    "despensa/device/1",
  );
  const lookupKey = await sha256(joined("lookup"));
  const entitlements = [];
  for (const number of numbers) {
    const lookup = await numberLookup8(lookupKey, number);
    entitlements.push([0, [[1, 2]], [[5, await ID(`tag ${number}`), lookup, 5, null]]]);
  }
  const inboxKey = [await sha256(inbox.publicKey).then((data) => data.slice(0, 8)), inbox.publicKey];
  const lease = await authority.sign(
    [1, leaseId, workspace, keys.deviceId, session, point, NOW, NOW + 172_800, [DAY, NOW - 10, NOW + 80_000], [],
      [[programme, cycle]], entitlements, lookupKey, 0, 0, inboxKey, 30, 5],
    "despensa/lease/1",
  );
  const sealed = await seal(keys.sealingKey, lease, joined("despensa/lease/1", keys.deviceId, leaseId));
  const trust = {
    certificate, workspaceId: workspace, expiresAt: NOW + 9e6, authorityKeys: [authority.publicKey],
    inboxKey: inbox.publicKey, issuerKeys: [], officeKey: inbox.publicKey, logKey: "", name: "Office",
    timeZone: "UTC", operators: [],
  };
  const store = new Memory();
  const begun = await Journal.begun(keys, certificate, { inboxKey: inbox.publicKey, leaseId: NO_LEASE });
  await store.write([["phone", "keys", keys], ["phone", "trust", trust], ...begun]);
  return { store, keys, trust, inbox, leaseId, sealed };
}

/** Return every event in the store, opened as the office opens it, in one unbroken chain. */
async function eventsIn({ store, keys, trust, inbox }) {
  const signed = [];
  for (const { lease, wrappedKey, place, sealed } of await store.eventsAfter(0, Infinity)) {
    const lane = { deviceId: keys.deviceId, leaseId: lease };
    const chainKey = await openSealed(inbox, wrappedKey, inboxInfo(lane));
    signed.push(...(await openEvents({ lane, first: place, sealed: [sealed] }, chainKey)));
  }
  const certificate = await verifyCertificate(trust.certificate, await cose.keyRing(trust.authorityKeys));
  const place = { certificate, seq: 1, previousHash: await sha256(trust.certificate) };
  return (await verifyChain(signed, place)).map(({ event }) => event);
}

async function play({ households, kills, seed }) {
  const dice = diceOf(seed);
  const numbers = [];
  for (let place = 0; numbers.length < households; place++) {
    const number = cardNumber(place);
    if (number) numbers.push(number);
  }
  const given = await prepared(numbers);
  const { store } = given;
  const [operator, second] = [await ID("lucia"), await ID("omar")];
  let phone = await Phone.open(store);
  await phone.loadLease(given.leaseId, given.sealed, NOW);
  await phone.openSession(NOW, operator, null);
  const said = new Map(numbers.map((number) => [number, 0]));
  let dead = 0;
  for (const number of numbers) {
    for (let isServed = false; !isServed; ) {
      store.left = dead < kills ? 1 + Math.floor(dice() * 3) : Infinity;
      store.isBefore = dice() < 0.5;
      try {
        phone ??= await Phone.open(store);
        const scan = { text: number, means: MEANS.TYPED, now: NOW + 5, today: DAY, contested: false, outOfStock: false };
        const result = await phone.scan(scan, operator, second, async () => null);
        if (result.outcome === "delivered") {
          await phone.handOver(result, result.goods, NOW + 6, operator);
          said.set(number, said.get(number) + 1);
        }
        // a refusal says that the hand-over before the kill had been written
        isServed = true;
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
        dead++;
        phone = null;
      }
    }
  }
  store.left = Infinity;
  phone ??= await Phone.open(store);
  const events = await eventsIn(given);
  const tags = events.filter(({ kind }) => kind === KIND.DELIVERED).map(({ tag }) => hex(tag));
  const wanted = await Promise.all(numbers.map(async (number) => hex(await ID(`tag ${number}`))));
  const marks = (await store.marks()).map(([tag]) => tag);
  const hasEnded = await phone.endExpired(NOW + 172_800);
  return {
    kills: dead,
    delivered: tags.length,
    once: JSON.stringify([...tags].sort()) === JSON.stringify([...wanted].sort()),
    marked: JSON.stringify([...marks].sort()) === JSON.stringify([...wanted].sort()),
    twice: [...said.values()].filter((count) => count > 1).length,
    aborted: events.filter(({ kind }) => kind === KIND.ABORTED).length,
    sequence: phone.journal.state.seq === events.length,
    left: hasEnded ? [store.stores.mark.size, store.stores.phone.has("lease")] : null,
  };
}

let input = "";
for await (const part of process.stdin) input += part;
process.stdout.write(JSON.stringify(await play(JSON.parse(input))));
