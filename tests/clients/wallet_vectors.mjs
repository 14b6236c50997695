/**
 * The vectors of wallets, read by packages that others wrote.
 *
 * Given the file of `vectors/wallet`, gives what each list says and whether the credential is
 * believed under it.
 */

import { SDJwtVcInstance } from "@sd-jwt/sd-jwt-vc";
import { getListFromStatusListJWT } from "@sd-jwt/jwt-status-list";
import { ES256, digest, generateSalt } from "@sd-jwt/crypto-nodejs";

let input = "";
for await (const part of process.stdin) input += part;
const { key, now, credential, lists, by_a_stranger: foreign } = JSON.parse(input);
const verifier = await ES256.getVerifier(key);

async function believed(jwt) {
  const instance = new SDJwtVcInstance({
    verifier, hasher: digest, hashAlg: "sha-256", saltGenerator: generateSalt,
    statusVerifier: verifier, statusListFetcher: async () => jwt,
  });
  try {
    const { payload } = await instance.verify(credential.text, { currentDate: now });
    return { believed: true, payload };
  } catch (error) {
    return { believed: false, why: String(error.message) };
  }
}

const answers = [];
for (const { jwt, length } of lists) {
  const list = getListFromStatusListJWT(jwt);
  const statuses = {};
  for (let place = 0; place < length; place += 1) {
    const status = list.getStatus(place);
    if (status !== 0) statuses[place] = status;
  }
  answers.push({ statuses, ...(await believed(jwt)) });
}
process.stdout.write(JSON.stringify({ lists: answers, foreign: await believed(foreign) }));
