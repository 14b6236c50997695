/**
 * Reads {issuerKeys, cases: [{text, now}]} as JSON from standard input and writes one answer a case.
 *
 * `--without-crypto` hides the browser's cryptography, as a page without https does;
 * `--time` writes the middle milliseconds of verifying the first case instead.
 */

const options = process.argv.slice(2);
if (options.includes("--without-crypto")) {
  Object.defineProperty(globalThis, "crypto", { value: undefined });
}
const field = "../../src/despensa/entrypoints/field/static/field/";
const { verify } = await import(`${field}card/verify.js`);
const { hex } = await import(`${field}domain/octets.js`);

let input = "";
for await (const part of process.stdin) input += part;
const { issuerKeys, cases } = JSON.parse(input);
const keys = new Map(
  Object.entries(issuerKeys).map(([kid, key]) => [kid, new Uint8Array(Buffer.from(key, "hex"))]),
);

/** Maps and bytes have no form in JSON. */
function plain(_name, value) {
  if (value instanceof Uint8Array) return hex(value);
  if (value instanceof Map) return Object.fromEntries(value);
  return value;
}

if (options.includes("--time")) {
  const [{ text, now }] = cases;
  const times = [];
  for (let turn = 0; turn < 400; turn++) {
    const began = performance.now();
    await verify(text, { issuerKeys: keys, now });
    times.push(performance.now() - began);
  }
  process.stdout.write(String(times.sort((one, other) => one - other)[200]));
} else {
  const answers = [];
  for (const { text, now } of cases) answers.push(await verify(text, { issuerKeys: keys, now }));
  process.stdout.write(JSON.stringify(answers, plain));
}
