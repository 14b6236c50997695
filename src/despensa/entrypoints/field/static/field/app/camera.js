/** The camera: one frame after the other until a code is read, with light, and the screen kept on. */

import { textsInFrame } from "../scan/picture.js";

const FRAME_MS = 60;

/** The phone has no camera for us, or nobody allowed it. */
export class NoCamera extends Error {}

export class Camera {
  /** @param {HTMLVideoElement} video */
  constructor(video) {
    this.video = video;
    /** @type {MediaStream | null} */
    this.stream = null;
    /** @type {WakeLockSentinel | null} */
    this.awake = null;
    this.isLit = false;
  }

  /** @throws {NoCamera} */
  async start() {
    const wanted = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } };
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: wanted });
    } catch {
      throw new NoCamera();
    }
    this.video.srcObject = this.stream;
    await this.video.play();
    this.awake = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null;
  }

  /** @returns {Promise<string | null>} the first text seen, null once the camera was stopped */
  async firstText() {
    while (this.stream) {
      const [text] = await textsInFrame(this.video);
      if (!this.stream) return null;
      if (text) return text;
      await new Promise((resolve) => setTimeout(resolve, FRAME_MS));
    }
    return null;
  }

  /**
   * Show everything that is seen to somebody, until that is enough or the camera was stopped.
   *
   * @param {(text: string) => Promise<boolean>} take returns whether it is enough
   */
  async everyText(take) {
    while (this.stream) {
      for (const text of await textsInFrame(this.video)) {
        if (!this.stream || (await take(text))) return;
      }
      await new Promise((resolve) => setTimeout(resolve, FRAME_MS / 2));
    }
  }

  get hasLight() {
    const [track] = this.stream?.getVideoTracks() ?? [];
    const can = /** @type {{torch?: boolean}} */ (track?.getCapabilities?.() ?? {});
    return Boolean(can.torch);
  }

  async switchLight() {
    const [track] = this.stream?.getVideoTracks() ?? [];
    this.isLit = !this.isLit;
    const wanted = /** @type {any} */ ({ advanced: [{ torch: this.isLit }] });
    await track?.applyConstraints(wanted).catch(() => {});
  }

  stop() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.video.srcObject = null;
    this.awake?.release().catch(() => {});
    this.awake = null;
  }
}
