/**
 * Reads the texts of QR codes from a picture or from one frame of the camera, on this device alone.
 *
 * The program that reads (zxing-cpp as WebAssembly) lies beside this file; without `locateFile` it
 * would be fetched from a stranger's server. Source: docs/decisions/0030-the-verifier-page.md.
 */

import { prepareZXingModule, readBarcodes } from "../vendor/zxing-wasm-3.1.4/reader/index.js";

const PROGRAM = new URL("../vendor/zxing-wasm-3.1.4/reader/", import.meta.url);
/** Above this a picture of a telephone only costs time. */
const SIDE_MAX = 2400;
const CODES_MAX = 4;

prepareZXingModule({ overrides: { locateFile: (path) => new URL(path, PROGRAM).href } });

/** The file is no picture a browser can open. */
export class PictureError extends Error {}

/**
 * Return the different texts of the codes in a picture file.
 *
 * @param {Blob} file
 * @returns {Promise<string[]>} empty when no code is readable.
 * @throws {PictureError}
 */
export async function textsInFile(file) {
  let picture;
  try {
    picture = await createImageBitmap(file);
  } catch {
    throw new PictureError("no picture");
  }
  const longer = Math.max(picture.width, picture.height);
  // a large photograph is read better a little smaller, and a small one a little larger
  for (const side of [Math.min(longer, SIDE_MAX), Math.min(longer * 2, SIDE_MAX), longer / 2]) {
    const texts = await textsIn(picture, picture.width, picture.height, side / longer);
    if (texts.length) return texts;
  }
  return [];
}

/**
 * Return the different texts of the codes in what the camera shows now.
 *
 * @param {HTMLVideoElement} video
 */
export async function textsInFrame(video) {
  return textsIn(video, video.videoWidth, video.videoHeight, 1);
}

/**
 * @param {CanvasImageSource} source @param {number} width @param {number} height
 * @param {number} scale
 */
async function textsIn(source, width, height, scale) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context || !width) return [];
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
  const found = await readBarcodes(pixels, {
    formats: ["QRCode"],
    tryHarder: true,
    maxNumberOfSymbols: CODES_MAX,
    textMode: "Plain",
  });
  return [...new Set(found.filter((code) => code.isValid).map((code) => code.text))];
}
