/** {texts} in; for each the parts of the COSE_Sign1 that MOSIP's PixelPass finds in it, in hex. */

import { createRequire } from "node:module";

const { decode } = createRequire(import.meta.url)("@mosip/pixelpass");

let input = "";
for await (const part of process.stdin) input += part;

const hex = (part) => Buffer.from(part.data ?? []).toString("hex");
const answers = JSON.parse(input).texts.map((text) => {
  const { tag, value } = JSON.parse(decode(text));
  const [header, unprotected, payload, signature] = value;
  return { tag, header: hex(header), unprotected, payload: hex(payload), signature: hex(signature) };
});
process.stdout.write(JSON.stringify(answers));
