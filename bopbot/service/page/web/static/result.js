// The result: the dance that was shown and the new one, under one set of controls.
import { askJson } from "./api.js";
import { controls } from "./controls.js";
import { stillMotion } from "./motion.js";
import { Overlay } from "./overlay.js";
import { Pair } from "./pair.js";
import { Reading } from "./reading.js";

const shape = (screen, width, height) => {
  screen.style.flexGrow = width / height;
  screen.style.flexBasis = `${(11 * width) / height}rem`;
  screen.querySelector(".picture").style.aspectRatio = `${width} / ${height}`;
};

export async function result(main) {
  const [original, fresh] = ["original", "new"].map((name) => main.querySelector(`[data-${name}]`));
  const [filmed, dance] = [original, fresh].map((screen) => screen.querySelector("video"));
  const pair = new Pair(dance, filmed);
  const reading = new Reading(main);
  let overlay = null;

  const sized = () => shape(fresh, dance.videoWidth, dance.videoHeight);
  const unplayable = () => {
    original.classList.add("unplayable");
    original.querySelector("[data-unplayable]").hidden = false;
  };
  const show = () => {
    reading.at(pair.duration && dance.currentTime / pair.duration);
    if (!pair.plays || !filmed.requestVideoFrameCallback) overlay?.draw(pair.plays ? filmed.currentTime : pair.behind);
  };
  const shown = (_, { mediaTime }) => {
    overlay?.draw(mediaTime);
    filmed.requestVideoFrameCallback(shown);
  };
  filmed.requestVideoFrameCallback?.(shown);

  [filmed, dance].forEach((video) => (video.controls = false));
  dance.onloadedmetadata = sized;
  filmed.onerror = unplayable;
  if (dance.videoWidth) sized();
  if (filmed.error) unplayable();
  const update = controls(main.querySelector("[data-player]"), pair, show);

  try {
    const keypoints = await askJson(`${main.dataset.job}/keypoints.json`);
    overlay = new Overlay(original.querySelector("canvas"), keypoints);
    pair.span = Number.isFinite(filmed.duration) ? filmed.duration : overlay.duration;
    filmed.onloadedmetadata = () => Number.isFinite(filmed.duration) && (pair.span = filmed.duration);
    shape(original, keypoints.width, keypoints.height);
  } catch {
    original.hidden = true;
  }
  update();
  if (!stillMotion()) pair.play();
}
