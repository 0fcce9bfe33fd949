// One picture: the wall, the floor, the shadows, and the dancers from the farthest to the nearest.

const BODY_COLOURS = Array.from({ length: N_BODY_COLOURS }, (_, i) => `body-${i}`); // the person's number chooses
const [SHADOW_WIDTH, SHADOW_HEIGHT] = SHADOW_SIZE;

function drawPicture(pen, colours, scene, dancers, time, view) {
  const projected = dancers.map((dancer, person) => project(dancer, person, scene, time, view));
  const figures = projected.filter(Boolean);
  figures.sort((a, b) => nearness(a) - nearness(b));
  pen.setTransform(1, 0, 0, 1, 0.5, 0.5); // the middle of the first pixel is at 0, 0
  drawEmptyStage(pen, colours, floorEdge(scene, view, pen.canvas.height));
  for (const { ground, body } of figures) if (ground) drawShadow(pen, colours, ground, body, view);
  pen.lineJoin = "round";
  for (const { joints, body, person } of figures) {
    const own = { ...colours, body: colours[BODY_COLOURS[person % BODY_COLOURS.length]] };
    drawFigure(pen, own, joints, body, scene.dims === 3);
  }
}

// A dancer who stands lower in the picture is nearer.
function nearness({ ground }) {
  return ground ? ground.y : -Number.MAX_VALUE;
}

// A dancer in the picture: joints by name, the point on the floor below, the torso's length in pixels.
function project(dancer, person, scene, time, view) {
  const points = poseAt(dancer.motion, scene, time);
  if (!points) return null;
  const [left, right] = ["left_hip", "right_hip"].map((name) => points[scene.joints.indexOf(name)]);
  const hips = left && right ? view.see(left.map((value, axis) => (value + right[axis]) / 2)) : view.middle;
  const seen = points.map((point) => point && view.see(point));
  for (const joint of seen) if (joint) joint.depth = (joint.depth - hips.depth) * hips.scale;
  const joints = Object.fromEntries(scene.joints.map((name, i) => [name, seen[i]]));
  return { joints, ground: seen.at(-1), body: dancer.torso * hips.scale, person };
}

// The row where the floor ends and the wall begins; the height of the picture where no feet are ever seen.
function floorEdge(scene, view, height) {
  const torso = mean(scene.torsos);
  const rows = scene.grounds.map((point) => view.see(point).y);
  return Math.min(height, ...rows.map((row) => row - FLOOR_BEHIND * torso * view.middle.scale * view.floorShare));
}

function drawEmptyStage(pen, colours, edge) {
  const { width, height } = pen.canvas;
  pen.fillStyle = shade(pen, 0, edge, colours["wall-top"], colours["wall-bottom"]);
  pen.fillRect(-1, -1, width + 1, height + 1);
  pen.fillStyle = shade(pen, edge, height, colours["floor-top"], colours["floor-bottom"]);
  pen.fillRect(-1, edge, width + 1, height - edge);
}

function shade(pen, first, last, top, bottom) {
  const gradient = pen.createLinearGradient(0, first, 0, last);
  gradient.addColorStop(0, top);
  gradient.addColorStop(1, bottom);
  return gradient;
}

// Dark in the centre, transparent at the rim; seen from above it is a disc.
function drawShadow(pen, colours, ground, body, view) {
  const rounder = (SHADOW_WIDTH - SHADOW_HEIGHT) * Math.sin(PITCH) * (view.floorShare - 1);
  const shadow = pen.createRadialGradient(0, 0, 0, 0, 0, 1);
  for (const d of SHADOW_STOPS) {
    const opacity = Math.round(255 * colours["shadow-opacity"] * (1 - d * d));
    shadow.addColorStop(d, colours.shadow + opacity.toString(16).padStart(2, "0"));
  }
  pen.save();
  pen.translate(ground.x, ground.y);
  pen.scale(SHADOW_WIDTH * body, (SHADOW_HEIGHT + rounder) * body);
  pen.fillStyle = shadow;
  pen.fillRect(-1, -1, 2, 2);
  pen.restore();
}
