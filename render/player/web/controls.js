// The buttons, the timeline, and the keys.

const STEP_S = 1;
const RADIANS_PER_KEY = Math.PI / 18;

const KEYS = {
  " ": togglePlay,
  k: togglePlay,
  ArrowLeft: () => seek(clock.time - STEP_S),
  ArrowRight: () => seek(clock.time + STEP_S),
  ArrowUp: () => changeSpeed(1),
  ArrowDown: () => changeSpeed(-1),
  ",": () => seek(clock.time - 1 / scene.fps),
  ".": () => seek(clock.time + 1 / scene.fps),
  Home: () => seek(0),
  End: () => seek(clock.duration),
  l: toggleLoop,
  f: toggleFullscreen,
  0: lookFromFront,
  "+": () => zoomBy(1.1),
  "-": () => zoomBy(1 / 1.1),
};
const KEYS_WITH_SHIFT = {
  ArrowLeft: () => turnBy(RADIANS_PER_KEY, 0),
  ArrowRight: () => turnBy(-RADIANS_PER_KEY, 0),
  ArrowUp: () => turnBy(0, -RADIANS_PER_KEY),
  ArrowDown: () => turnBy(0, RADIANS_PER_KEY),
};

function onKey(event) {
  const handled = { BUTTON: [" "], SELECT: [" ", "ArrowUp", "ArrowDown", "Home", "End"] }[event.target.tagName] ?? [];
  if (event.ctrlKey || event.metaKey || event.altKey || handled.includes(event.key)) return;
  const action = (event.shiftKey && KEYS_WITH_SHIFT[event.key]) || KEYS[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

function listenToControls() {
  time.max = clock.duration;
  time.addEventListener("input", () => seek(Number(time.value)));
  play.addEventListener("click", togglePlay);
  loop.addEventListener("click", toggleLoop);
  speed.addEventListener("change", () => changeSpeed(0));
  front.addEventListener("click", lookFromFront);
  byId("fullscreen").addEventListener("click", toggleFullscreen);
  byId("fullscreen").hidden = !document.fullscreenEnabled;
  addEventListener("keydown", onKey);
}
