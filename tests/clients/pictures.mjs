/** {pictures: PNG in base64} in; what zxing-wasm and jsQR read in each. */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const jsqr = require("jsqr");
const { PNG } = require("pngjs");
const { prepareZXingModule, readBarcodes } = await import("zxing-wasm/reader");

// from the package's own file; its default would ask a public server
const program = await readFile(require.resolve("zxing-wasm/reader/zxing_reader.wasm"));
prepareZXingModule({ overrides: { wasmBinary: program } });

let input = "";
for await (const part of process.stdin) input += part;

const answers = [];
for (const encoded of JSON.parse(input).pictures) {
  const bytes = Buffer.from(encoded, "base64");
  const { data, width, height } = PNG.sync.read(bytes);
  const found = await readBarcodes(new Uint8Array(bytes), { formats: ["QRCode"], textMode: "Plain" });
  answers.push({
    zxing: found.map((code) => code.text),
    jsqr: jsqr(new Uint8ClampedArray(data), width, height)?.data ?? null,
  });
}
process.stdout.write(JSON.stringify(answers));
