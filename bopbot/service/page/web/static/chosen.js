// The chosen video: its checks, its preview, and a small poster image.
const NAMES = /\.(mp4|m4v|mov|webm|mkv|avi|mpe?g|3gp|ogv|wmv|ts|gif|webp)$/i;
const POSTER = { width: 180, height: 240 };

const megabytes = (bytes) => `${(bytes / 2 ** 20).toFixed(bytes < 10 * 2 ** 20 ? 1 : 0)} MB`;
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.round(seconds % 60)).padStart(2, "0")}`;

export function whyNot(file, most) {
  if (!file.type.startsWith("video/") && !NAMES.test(file.name)) {
    return `${file.name} is not a video. MP4, MOV and WebM work well.`;
  }
  if (file.size === 0) return `${file.name} is empty. Choose another one.`;
  if (file.size > most.bytes) {
    return `${file.name} has ${megabytes(file.size)}; the limit is ${megabytes(most.bytes)}. Cut out the part you like best.`;
  }
  return "";
}

export class Chosen {
  constructor(box, most) {
    this.box = box;
    this.most = most;
    this.video = box.querySelector("video");
    this.named = box.querySelector("[data-named]");
  }

  // Resolves to the reason why the video cannot be used, or "".
  show(file) {
    this.hide();
    this.file = file;
    this.url = URL.createObjectURL(file);
    this.box.hidden = false;
    this.video.controls = true;
    this.named.textContent = `${file.name}, ${megabytes(file.size)}`;
    return new Promise((resolve) => {
      this.video.onloadedmetadata = () => {
        const { duration } = this.video;
        const known = Number.isFinite(duration);
        if (known) this.named.textContent += `, ${clock(duration)}`;
        resolve(known && duration > this.most.seconds ? this.tooLong(duration) : "");
      };
      this.video.onerror = () => {
        this.video.controls = false;
        this.named.textContent += ". This browser cannot show it, but BopBot may be able to read it.";
        resolve("");
      };
      this.video.src = this.url;
    });
  }

  tooLong(duration) {
    return `${this.file.name} lasts ${clock(duration)}; the limit is ${clock(this.most.seconds)}. Cut out the part you like best.`;
  }

  hide() {
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = null;
    this.file = null;
    this.video.onerror = null;
    this.video.removeAttribute("src");
    this.box.hidden = true;
  }

  poster() {
    const { videoWidth, videoHeight } = this.video;
    if (!videoWidth) return "";
    const canvas = Object.assign(document.createElement("canvas"), POSTER);
    const scale = Math.max(POSTER.width / videoWidth, POSTER.height / videoHeight);
    const [width, height] = [videoWidth * scale, videoHeight * scale];
    canvas
      .getContext("2d")
      .drawImage(this.video, (POSTER.width - width) / 2, (POSTER.height - height) / 2, width, height);
    return canvas.toDataURL("image/jpeg", 0.7);
  }
}
