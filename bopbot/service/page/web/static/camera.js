// Recording with the camera: mirrored preview, countdown, no sound, automatic stop.
import { announce } from "./motion.js";

const COUNT = 5;
const LONGEST = 15;
const KINDS = ["video/mp4;codecs=avc1.42E01E", "video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm"];

export const canRecord = () => Boolean(navigator.mediaDevices?.getUserMedia && window.MediaRecorder);

const seconds = (n) => new Promise((resolve) => setTimeout(resolve, 1000 * n));

export class Camera {
  constructor(box, onFilm, onLeave) {
    this.box = box;
    this.onFilm = onFilm;
    this.video = box.querySelector("video");
    this.count = box.querySelector("[data-count]");
    this.told = box.querySelector("[data-told]");
    this.begin = box.querySelector("[data-begin]");
    this.asked = this.told.textContent;
    this.begin.onclick = () => (this.recorder ? this.recorder.stop() : this.record());
    box.querySelector("[data-leave]").onclick = () => {
      this.close();
      onLeave();
    };
  }

  async open() {
    this.stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 } }, audio: false });
    this.video.srcObject = this.stream;
    this.told.textContent = this.asked;
    this.box.hidden = false;
    await this.video.play();
    this.begin.focus();
  }

  async record() {
    this.begin.hidden = true;
    this.told.textContent = "Get ready.";
    for (let left = COUNT; left > 0; left--) {
      this.count.textContent = left;
      await seconds(1);
      if (!this.stream) return;
    }
    this.count.textContent = "";
    this.begin.hidden = false;
    this.begin.textContent = "Stop";
    announce("Recording");
    this.film(KINDS.find((kind) => MediaRecorder.isTypeSupported(kind)));
  }

  film(mimeType) {
    const pieces = [];
    const recorder = new MediaRecorder(this.stream, { mimeType, videoBitsPerSecond: 4e6 });
    this.recorder = recorder;
    recorder.ondataavailable = ({ data }) => pieces.push(data);
    recorder.onstop = () => {
      const wanted = Boolean(this.stream);
      this.close();
      const type = mimeType.split(";")[0];
      if (wanted) this.onFilm(new File(pieces, `Recorded.${type.split("/")[1]}`, { type }));
    };
    recorder.start(1000);
    const begun = Date.now();
    const tick = () => {
      if (recorder.state !== "recording") return;
      const left = Math.ceil(LONGEST - (Date.now() - begun) / 1000);
      this.told.textContent = `Recording: ${Math.max(left, 0)} s left`;
      if (left <= 0) recorder.stop();
      else setTimeout(tick, 200);
    };
    tick();
  }

  close() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    if (this.recorder?.state === "recording") this.recorder.stop();
    this.recorder = null;
    this.box.hidden = true;
    this.count.textContent = "";
    this.begin.hidden = false;
    this.begin.textContent = `Start in ${COUNT} seconds`;
  }
}
