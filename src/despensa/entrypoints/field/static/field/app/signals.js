/** Sound and vibration of a verdict, so that nobody has to look at the screen in the sun. */

const TONES = { delivered: [660, 880], offered: [440, 440], refused: [330, 220] };
const SHAKES = { delivered: [80], offered: [80, 80, 80], refused: [300] };
const TONE_SECONDS = 0.14;

/** @type {AudioContext | null} */
let sound = null;

/** @param {keyof typeof TONES} kind */
export function signal(kind) {
  navigator.vibrate?.(SHAKES[kind]);
  try {
    sound ??= new AudioContext();
    for (const [place, frequency] of TONES[kind].entries()) tone(sound, frequency, place);
  } catch {
    // a phone without sound still has colour, shape and word
  }
}

/** @param {AudioContext} context @param {number} frequency @param {number} place */
function tone(context, frequency, place) {
  const oscillator = context.createOscillator();
  oscillator.frequency.value = frequency;
  oscillator.connect(context.destination);
  const begins = context.currentTime + place * TONE_SECONDS;
  oscillator.start(begins);
  oscillator.stop(begins + TONE_SECONDS * 0.9);
}
