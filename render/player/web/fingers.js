// Fingers and mouse: one turns, two zoom, a tap plays or pauses.

const RADIANS_PER_PIXEL = 0.007;
const CLICK_PX = 5;

const fingers = new Map();
let moved = 0;

function onPointerDown(event) {
  if (event.button) return;
  canvas.setPointerCapture(event.pointerId);
  if (!fingers.size) moved = 0;
  fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
}

function onPointerMove(event) {
  const before = fingers.get(event.pointerId);
  if (!before) return;
  const here = { x: event.clientX, y: event.clientY };
  const [dx, dy] = [here.x - before.x, here.y - before.y];
  moved += Math.abs(dx) + Math.abs(dy);
  const apart = spread();
  fingers.set(event.pointerId, here);
  if (fingers.size === 2) zoomBy(spread() / apart);
  else if (moved > CLICK_PX) turnBy(-dx * RADIANS_PER_PIXEL, dy * RADIANS_PER_PIXEL);
}

function onPointerUp(event) {
  if (fingers.delete(event.pointerId) && event.type === "pointerup" && moved <= CLICK_PX) togglePlay();
}

function spread() {
  const [a, b] = fingers.values();
  return b ? Math.max(Math.hypot(a.x - b.x, a.y - b.y), 1) : 1;
}

function onWheel(event) {
  event.preventDefault();
  zoomBy(Math.exp(-event.deltaY / 500));
}

function mindFingers() {
  canvas.addEventListener("pointerdown", onPointerDown);
  canvas.addEventListener("pointermove", onPointerMove);
  canvas.addEventListener("pointerup", onPointerUp);
  canvas.addEventListener("pointercancel", onPointerUp);
  canvas.addEventListener("wheel", onWheel, { passive: false });
  canvas.classList.toggle("turns", solid);
  byId("hint").hidden = !solid;
}
