/**
 * A wallet and a verifier that others wrote, against a running office.
 *
 * `obtain`: {offer, txCode} gives {credential, holder (private JWK)}.
 * `check`: {credential, holder, disclose} gives what the verifier believes, or why it does not.
 */

import { createHash, randomBytes, webcrypto } from "node:crypto";
import { Openid4vciClient } from "@openid4vc/openid4vci";
import { clientAuthenticationAnonymous, setGlobalConfig } from "@openid4vc/oauth2";
import { SDJwtVcInstance } from "@sd-jwt/sd-jwt-vc";
import { ES256, digest, generateSalt } from "@sd-jwt/crypto-nodejs";
import { SignJWT, importJWK } from "jose";

setGlobalConfig({ allowInsecureUrls: true });
let input = "";
for await (const part of process.stdin) input += part;
const given = JSON.parse(input);

async function obtain({ offer, txCode }) {
  const { publicKey, privateKey } = await ES256.generateKeyPair();
  const bare = { kty: publicKey.kty, crv: publicKey.crv, x: publicKey.x, y: publicKey.y };
  const client = new Openid4vciClient({
    callbacks: {
      fetch,
      hash: (data, name) => createHash(name.replace("-", "")).update(data).digest(),
      generateRandom: (length) => randomBytes(length),
      clientAuthentication: clientAuthenticationAnonymous(),
      signJwt: async (_signer, { header, payload }) => ({
        jwt: await new SignJWT(payload).setProtectedHeader(header).sign(await importJWK(privateKey, "ES256")),
        signerJwk: bare,
      }),
    },
  });
  const credentialOffer = await client.resolveCredentialOffer(offer);
  const issuerMetadata = await client.resolveIssuerMetadata(credentialOffer.credential_issuer);
  const { accessTokenResponse } = await client.retrievePreAuthorizedCodeAccessTokenFromOffer({
    credentialOffer, issuerMetadata, txCode,
  });
  const { c_nonce: nonce } = await client.requestNonce({ issuerMetadata });
  const [credentialConfigurationId] = credentialOffer.credential_configuration_ids;
  const { jwt } = await client.createCredentialRequestJwtProof({
    issuerMetadata, credentialConfigurationId, nonce,
    signer: { method: "jwk", publicJwk: bare, alg: "ES256" },
  });
  const answer = await client.retrieveCredentials({
    issuerMetadata, credentialConfigurationId,
    accessToken: accessTokenResponse.access_token, proofs: { jwt: [jwt] },
  });
  return {
    version: issuerMetadata.originalDraftVersion,
    credential: answer.credentialResponse.credentials[0].credential,
    holder: privateKey,
  };
}

/** The verifier knows the issuer's address and nothing else. */
async function check({ issuer, credential, holder, disclose }) {
  const found = await (await fetch(`${issuer}/.well-known/jwt-vc-issuer`)).json();
  const verifiers = await Promise.all(
    found.jwks.keys.map(async (key) => ({ kid: key.kid, verify: await ES256.getVerifier(key) })),
  );
  // by the key id in the header, as any reader of a key set does
  const verifier = (data, signature) => {
    const { kid } = JSON.parse(Buffer.from(data.split(".")[0], "base64url").toString());
    const known = verifiers.find((key) => key.kid === kid);
    return known === undefined ? false : known.verify(data, signature);
  };
  const shown = { kty: holder.kty, crv: holder.crv, x: holder.x, y: holder.y };
  const kbVerifier = await ES256.getVerifier(shown);
  const instance = new SDJwtVcInstance({
    signer: await ES256.getSigner(holder), signAlg: "ES256", verifier,
    hasher: digest, hashAlg: "sha-256", saltGenerator: generateSalt,
    kbSigner: await ES256.getSigner(holder), kbSignAlg: "ES256", kbVerifier,
    statusVerifier: verifier,
    statusListFetcher: async (uri) =>
      (await fetch(uri, { headers: { Accept: "application/statuslist+jwt" } })).text(),
  });
  const kb = { payload: { iat: Math.floor(Date.now() / 1000), aud: "https://shop.example", nonce: "n-1" } };
  const frame = Object.fromEntries(disclose.map((name) => [name, true]));
  const presented = await instance.present(credential, frame, { kb });
  try {
    const { payload, header } = await instance.verify(presented, { keyBindingNonce: "n-1" });
    return { believed: true, payload, header };
  } catch (error) {
    return { believed: false, why: String(error.message) };
  }
}

const done = process.argv[2] === "obtain" ? await obtain(given) : await check(given);
process.stdout.write(JSON.stringify(done));
