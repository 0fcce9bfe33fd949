// The player: the dance, the view of it, and the actions of the viewer.

const LONGEST_FRAME_S = 0.25; // a longer pause means that the page was hidden; the dance does not skip it
const PITCHES = [(2 * Math.PI) / 180, (60 * Math.PI) / 180];
const ZOOMS = [0.5, 4];
const COLOURS = [
  ...["left", "right", ...BODY_COLOURS, "halo", "shadow", "shadow-opacity"],
  ...["wall-top", "wall-bottom", "floor-top", "floor-bottom"],
];

const byId = (id) => document.getElementById(id);
const canvas = byId("stage");
const pen = canvas.getContext("2d", { alpha: false });
const [play, time, front, loop, speed] = ["play", "time", "front", "loop", "speed"].map(byId);

const scene = JSON.parse(byId("scene").textContent);
const dancers = scene.torsos.map((torso, i) => ({ torso, motion: readMotion(byId(`dancer-${i}`).textContent) }));
const solid = scene.dims === 3;
const clock = new Clock(scene.frames / scene.fps);
const frontView = () => ({ turn: scene.turn, pitch: PITCH, zoom: 1 });
let angles = frontView();
let colours = readColours();

let pendingFrame = null;
let drawnAt = null;

function redraw() {
  pendingFrame ??= requestAnimationFrame(tick);
}

function tick(now) {
  pendingFrame = null;
  const held = time.matches(":active"); // the viewer drags the timeline
  if (clock.playing && !held && drawnAt !== null) clock.advance(Math.min((now - drawnAt) / 1000, LONGEST_FRAME_S));
  drawnAt = clock.playing && !held ? now : null;
  draw();
  if (clock.playing) redraw();
}

function draw() {
  const view = (solid ? cameraView : flatView)(scene, canvas.width, canvas.height, angles);
  const frame = Math.min(clock.time * scene.fps, scene.frames - 1);
  drawPicture(pen, colours, scene, dancers, frame, view);
  showClock();
}

function showClock() {
  const [now, all] = [formatTime(clock.time), formatTime(clock.duration)];
  time.value = clock.time;
  time.style.setProperty("--played", `${(100 * clock.time) / clock.duration}%`);
  time.setAttribute("aria-valuetext", `${now} of ${all}`);
  byId("clock").textContent = `${now} / ${all}`;
  play.classList.toggle("playing", clock.playing);
  play.setAttribute("aria-label", clock.playing ? "Pause" : "Play");
  play.title = `${clock.playing ? "Pause" : "Play"} (space)`;
}

function fitCanvas() {
  canvas.width = Math.max(Math.round(canvas.clientWidth * devicePixelRatio), 1);
  canvas.height = Math.max(Math.round(canvas.clientHeight * devicePixelRatio), 1);
  draw(); // resizing clears a canvas
}

function readColours() {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(COLOURS.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

function togglePlay() {
  if (clock.playing) clock.pause();
  else clock.play();
  redraw();
}

function seek(seconds) {
  clock.seek(seconds);
  redraw();
}

function toggleLoop() {
  clock.loops = !clock.loops;
  loop.setAttribute("aria-pressed", clock.loops);
}

function changeSpeed(by) {
  speed.selectedIndex = within(speed.selectedIndex + by, [0, speed.length - 1]);
  clock.speed = Number(speed.value);
}

function toggleFullscreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen();
}

function look(changed) {
  angles = { ...angles, ...changed };
  front.hidden = false;
  byId("hint").hidden = true;
  redraw();
}

function turnBy(around, down) {
  if (solid) look({ turn: angles.turn + around, pitch: within(angles.pitch + down, PITCHES) });
}

function zoomBy(factor) {
  look({ zoom: within(angles.zoom * factor, ZOOMS) });
}

function lookFromFront() {
  angles = frontView();
  front.hidden = true;
  redraw();
}

function within(value, [least, most]) {
  return Math.min(Math.max(value, least), most);
}
