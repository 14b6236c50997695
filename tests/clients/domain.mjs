/**
 * Runs the phone's rules on the cases of `vectors/` and on what Python gives it.
 *
 * Reads [{name, ...arguments}] as JSON from standard input and writes one answer a question; bytes
 * are {"hex": ...} both ways, maps have their keys as text.
 */

const field = "../../src/despensa/entrypoints/field/static/field/";
const amend = await import(`${field}domain/amend.js`);
const cbor = await import(`${field}card/cbor.js`);
const cose = await import(`${field}domain/cose.js`);
const decide = await import(`${field}domain/decide.js`);
const device = await import(`${field}domain/device.js`);
const district = await import(`${field}domain/district.js`);
const event = await import(`${field}domain/event.js`);
const frames = await import(`${field}domain/frames.js`);
const pincode = await import(`${field}domain/pincode.js`);
const hpke = await import(`${field}crypto/hpke.js`);
const lease = await import(`${field}domain/lease.js`);
const locate = await import(`${field}domain/locate.js`);
const checkpoint = await import(`${field}log/checkpoint.js`);
const proof = await import(`${field}domain/proof.js`);
const tiles = await import(`${field}log/tiles.js`);
const tree = await import(`${field}log/tree.js`);
const receipt = await import(`${field}domain/receipt.js`);
const sealing = await import(`${field}domain/sealing.js`);
const slip = await import(`${field}domain/slip.js`);
const takeover = await import(`${field}domain/takeover.js`);
const x25519 = await import(`${field}crypto/x25519.js`);
const tag = await import(`${field}domain/tag.js`);
const { fromHex, hex } = await import(`${field}domain/octets.js`);

/** PKCS #8 of a raw private key of curve 25519; the last byte of the name says which. */
const PKCS8 = (name) => fromHex(`302e020100300506032b65${name}04220420`);

async function signerOf(seed) {
  const key = new Uint8Array([...PKCS8("70"), ...fromHex(seed)]);
  const loaded = await crypto.subtle.importKey("pkcs8", key, "Ed25519", false, ["sign"]);
  return async (data) => new Uint8Array(await crypto.subtle.sign("Ed25519", loaded, data));
}

function ringOf(keys) {
  return new Map(keys.map(({ kid, public: key }) => [kid, fromHex(key)]));
}

/** A fault as the vectors call it. */
function faultOf(error) {
  if (error instanceof event.ChainError) return { fault: error.fault, position: error.position };
  for (const [kind, fault] of [
    [cose.MalformedSignature, "malformed"],
    [cose.UnknownKey, "unknown key"],
    [cose.BadSignature, "bad signature"],
    [sealing.SealBroken, "seal broken"],
    [x25519.UnusableKey, "unusable key"],
    [lease.HolderSealBroken, "seal broken"],
  ]) {
    if (error instanceof kind) return { fault };
  }
  throw error;
}

async function takenOr(work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof takeover.TakeOverRefused) return error.trouble;
    throw error;
  }
}

async function certificateOf({ certificate, authority }) {
  return device.verifyCertificate(fromHex(certificate), ringOf(authority));
}

async function signed(value, { seed, public: publicKey, ...more }, sign) {
  return hex(await sign(value, { publicKey: fromHex(publicKey), signer: await signerOf(seed), ...more }));
}

const ANSWERS = {
  async encode({ bytes }) {
    return hex(cbor.encode(cbor.decode(fromHex(bytes))));
  },
  async certificate({ bytes, keys }) {
    await device.verifyCertificate(fromHex(bytes), ringOf(keys));
    return "valid";
  },
  async lease({ bytes, keys }) {
    await lease.verifyLease(fromHex(bytes), ringOf(keys));
    return "valid";
  },
  async slip({ bytes, keys }) {
    await slip.verifySlip(fromHex(bytes), ringOf(keys));
    return "valid";
  },
  async event({ bytes, certificate, authority, signing }) {
    const read = await event.verifyEvent(fromHex(bytes), await certificateOf({ certificate, authority }));
    const hash = hex(await event.eventHash(fromHex(bytes)));
    return { again: await signed(read, signing, event.signEvent), hash };
  },
  async chain({ events, certificate, authority, seq, previous_hash: previous }) {
    const given = await certificateOf({ certificate, authority });
    const place = { certificate: given, seq, previousHash: fromHex(previous) };
    await event.verifyChain(events.map(fromHex), place);
    return "valid";
  },
  async open({ batch, first_chain_key: key }) {
    const opened = await sealing.openEvents(sealing.decodeBatch(fromHex(batch)), fromHex(key));
    return opened.map(hex);
  },
  async seal({ batch, events, first_chain_key: key }) {
    const { lane, first, wrappedKey } = sealing.decodeBatch(fromHex(batch));
    let chainKey = fromHex(key);
    for (let place = 1; place < first; place++) chainKey = await sealing.nextChainKey(chainKey);
    const sealed = [];
    for (const [index, data] of events.entries()) {
      sealed.push(await sealing.sealEvent(fromHex(data), { chainKey, lane, place: first + index }));
      chainKey = await sealing.nextChainKey(chainKey);
    }
    return hex(sealing.encodeBatch({ lane, wrappedKey, first, sealed }));
  },
  async tag({ epoch, secret, step, programme, cycle }) {
    const link = await tag.walk({ epoch, key: fromHex(secret) }, step);
    const scope = { programme: fromHex(programme), cycle: fromHex(cycle) };
    return { key: hex(link.key), tag: hex(await tag.tag16(link.key, scope)) };
  },
  async holder({ epoch, secret, holder_epoch: holderEpoch, lease: id, tag: name, holder }) {
    const link = await tag.walk({ epoch, key: fromHex(secret) }, holderEpoch);
    const holderKey = await tag.holderKey(link.key, fromHex(id));
    const opened = await lease.openHolder(fromHex(holder), { holderKey, tag: fromHex(name) });
    return opened.map(({ role, name: known, pin }) => [role, known, pin]);
  },
  async receipt({ bytes, keys, signing }) {
    const read = await receipt.verifyReceipt(fromHex(bytes), ringOf(keys));
    const { certificate } = cose.parse(fromHex(bytes));
    const phone = { ...signing, certificate };
    const again = certificate ? await signed(read, phone, receipt.signReceipt) : bytes;
    return { again, spoken: await receipt.spokenCode(fromHex(bytes)) };
  },
  async words() {
    return Array.from({ length: 2048 }, (_, index) => receipt.spokenWord(index)).join(" ");
  },
  async decide({ attempt, standing }) {
    const { list_facts: terms, match, elsewhere } = standing;
    const said = decide.decide(
      {
        verdict: attempt.verdict,
        expiresAt: attempt.expires_at,
        now: attempt.now,
        today: attempt.today,
        collectorConfirmed: attempt.collector_confirmed,
        outOfStock: attempt.out_of_stock,
        contested: attempt.contested,
        aborted: attempt.aborted,
      },
      {
        sessionOpen: standing.session_open,
        listFacts: terms && {
          expiresAt: terms.expires_at,
          pointId: fromHex(terms.point_id),
          day: terms.day,
          check: terms.check,
        },
        match: match && { ...match, tag: fromHex(match.tag) },
        elsewhere: elsewhere && {
          status: elsewhere.status,
          pointId: elsewhere.point_id && fromHex(elsewhere.point_id),
          day: elsewhere.day,
        },
        contestUsed: standing.contest_used,
      },
    );
    if (said.outcome !== "delivered") return said;
    return { outcome: said.outcome, tag: hex(said.match.tag), goods: said.match.goods };
  },
  async locate({ lease: data, keys, epoch, secret, number }) {
    const index = locate.indexLease(await lease.verifyLease(fromHex(data), ringOf(keys)));
    const card = { epoch, secret: fromHex(secret) };
    const shown = (places) => places.map(({ entitlement, card: row }) => [entitlement, hex(row.tag)]);
    return {
      card: shown(await locate.locateCard(card, index)),
      number: shown(await locate.locateNumber(number, index)),
      tags: (await locate.firstScopeTags(card, index)).map(hex),
    };
  },
  async amend(given) {
    const cardOf = ([step, name, lookup, holderEpoch, holder]) => ({
      step, tag: fromHex(name), numberLookup: fromHex(lookup), holderEpoch, holder,
    });
    const held = {
      lease: {
        leaseId: fromHex(given.lease_id),
        scopes: given.scopes.map((pair) => pair.map(fromHex)).map(([programme, cycle]) => ({ programme, cycle })),
        entitlements: given.entitlements.map(([scope, goods, cards]) => ({ scope, goods, cards: cards.map(cardOf) })),
      },
      collected: new Set(given.collected),
      taken: new Set(given.taken),
    };
    const shown = ({ lease: list, collected, taken }) => ({
      entitlements: list.entitlements.map(({ scope, goods, cards }) => [
        scope,
        goods,
        cards.map((card) => [card.step, hex(card.tag), hex(card.numberLookup), card.holderEpoch, card.holder]),
      ]),
      collected: [...collected].sort(),
      taken: [...taken].sort(),
    });
    const before = JSON.stringify(shown(held));
    try {
      const known = { keys: ringOf(given.keys), now: given.now };
      return shown(await amend.takeSlip(fromHex(given.slip), held, known));
    } catch (error) {
      if (!(error instanceof amend.SlipRefused)) throw error;
      return { refused: error.trouble };
    } finally {
      if (JSON.stringify(shown(held)) !== before) throw new Error("the list that was held was changed");
    }
  },
  async asking({ code, theirs, keys, now }) {
    const authorityKeys = ringOf(keys);
    const own = await lease.verifyLease(fromHex(theirs), authorityKeys);
    return takenOr(async () => {
      const { leaseId, nonce, sealingKey } = await takeover.readAsking(fromHex(code), own, { authorityKeys, now });
      return { lease_id: hex(leaseId), nonce: hex(nonce), sealing_key: hex(sealingKey) };
    });
  },
  async handOver({ code, own: held, nonce, keys, now }) {
    const authorityKeys = ringOf(keys);
    const own = await lease.verifyLease(fromHex(held), authorityKeys);
    return takenOr(async () => {
      const known = { nonce: fromHex(nonce), authorityKeys, now };
      const { groups } = await takeover.readHandOver(fromHex(code), own, known);
      const rows = groups.flatMap(({ entitlements }) => entitlements);
      return {
        tags: rows.flatMap(({ cards }) => cards.map((card) => hex(card.tag))),
        scopes: rows.map(({ scope }) => scope),
      };
    });
  },
  async pin({ code, used, keys, workspace, device: phone, operator, now }) {
    const [workspaceId, deviceId, operatorId] = [workspace, phone, operator].map(fromHex);
    const asked = { workspaceId, deviceId, operatorId, used, now, authorityKeys: ringOf(keys) };
    try {
      return await pincode.readPinCode(fromHex(code), asked);
    } catch (error) {
      if (error instanceof pincode.PinCodeRefused) return error.trouble;
      throw error;
    }
  },
  async frames({ kind, data, seen }) {
    const gathering = new frames.Gathering();
    let whole = null;
    for (const text of seen) whole ??= await gathering.add(text);
    return { frames: await frames.framesOf(kind, fromHex(data)), whole: whole && hex(whole) };
  },
  async states({ bytes, hashes, log_vkey: logKey, authority }) {
    const own = new Map(Object.entries(hashes).map(([seq, digest]) => [Number(seq), fromHex(digest)]));
    const known = { hashes: own, logKey, authorityKeys: [fromHex(authority)] };
    return (await proof.readStates(cbor.decode(fromHex(bytes)), known)).proven.sort();
  },
  async checkpoint({ text, log_vkey: logKey }) {
    const { size, root } = await checkpoint.verifyCheckpoint(text, await checkpoint.parseKey(logKey));
    return [Number(size), hex(root)];
  },
  async inclusion({ index, size, leaf, proof: path, root }) {
    const own = await tree.leafHash(fromHex(leaf));
    return tree.verifyInclusion(BigInt(index), BigInt(size), own, path.map(fromHex), fromHex(root));
  },
  async continues({ old, new: young, roots, tiles: known }) {
    const state = (size) => ({ size: BigInt(size), root: fromHex(roots[size]) });
    const read = async (path) => fromHex(known[path]);
    const path = await tiles.consistencyProof(BigInt(old), BigInt(young), read);
    const isGood = await tree.verifyConsistency(state(old), state(young), path);
    const other = { ...state(old), root: fromHex(roots[young === old ? 0 : young]) };
    const isFooled = await tree.verifyConsistency(other, state(young), path);
    return { proof: path.map(hex), isGood, isFooled };
  },
  async tilePath({ level, at, size }) {
    return tiles.tilePath(level, BigInt(at), BigInt(size));
  },
  async district({ bytes, tags }) {
    const known = district.readDistrict(cbor.decode(fromHex(bytes)));
    return tags.map((one) => {
      const found = district.lookUp(known, fromHex(one));
      return found && [found.status, found.pointId && hex(found.pointId), found.day];
    });
  },
  async agreed({ private: secret, public: publicKey }) {
    return hex(await x25519.agreed(fromHex(secret), fromHex(publicKey)));
  },
  async hpke({ private: seed, public: publicKey, sealed, info, text }) {
    const key = new Uint8Array([...PKCS8("6e"), ...fromHex(seed)]);
    const privateKey = await crypto.subtle.importKey("pkcs8", key, "X25519", false, ["deriveBits"]);
    const pair = { privateKey, publicKey: fromHex(publicKey) };
    const raw = { ...pair, privateKey: fromHex(seed) };
    const opened = await hpke.openSealed(pair, fromHex(sealed), fromHex(info));
    const again = await hpke.openSealed(raw, fromHex(sealed), fromHex(info));
    if (hex(again) !== hex(opened)) throw new Error("a browser without X25519 reads something else");
    return { opened: hex(opened), sealed: hex(await hpke.seal(pair.publicKey, fromHex(text), fromHex(info))) };
  },
};

let input = "";
for await (const part of process.stdin) input += part;
const answers = [];
for (const question of JSON.parse(input)) {
  try {
    answers.push(await ANSWERS[question.ask](question));
  } catch (error) {
    answers.push(faultOf(error));
  }
}
process.stdout.write(JSON.stringify(answers));
