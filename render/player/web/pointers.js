// Touch and mouse: one pointer turns the view, two zoom, a tap plays or pauses.

const RADIANS_PER_PIXEL = 0.007;
const CLICK_PX = 5;

const pointers = new Map();
let moved = 0;

function onPointerDown(event) {
  if (event.button) return;
  canvas.setPointerCapture(event.pointerId);
  if (!pointers.size) moved = 0;
  pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
}

function onPointerMove(event) {
  const before = pointers.get(event.pointerId);
  if (!before) return;
  const here = { x: event.clientX, y: event.clientY };
  const [dx, dy] = [here.x - before.x, here.y - before.y];
  moved += Math.abs(dx) + Math.abs(dy);
  const apart = spread();
  pointers.set(event.pointerId, here);
  if (pointers.size === 2) zoomBy(spread() / apart);
  else if (moved > CLICK_PX) turnBy(-dx * RADIANS_PER_PIXEL, dy * RADIANS_PER_PIXEL);
}

function onPointerUp(event) {
  if (pointers.delete(event.pointerId) && event.type === "pointerup" && moved <= CLICK_PX) togglePlay();
}

function spread() {
  const [a, b] = pointers.values();
  return b ? Math.max(Math.hypot(a.x - b.x, a.y - b.y), 1) : 1;
}

function onWheel(event) {
  event.preventDefault();
  zoomBy(Math.exp(-event.deltaY / 500));
}

function listenToPointers() {
  canvas.addEventListener("pointerdown", onPointerDown);
  canvas.addEventListener("pointermove", onPointerMove);
  canvas.addEventListener("pointerup", onPointerUp);
  canvas.addEventListener("pointercancel", onPointerUp);
  canvas.addEventListener("wheel", onWheel, { passive: false });
  canvas.classList.toggle("turns", solid);
  byId("hint").hidden = !solid;
}
