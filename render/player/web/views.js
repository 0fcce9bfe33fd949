// From a dance's own coordinates to the picture. A view has
//   see(point): where a point is seen: x and y in pixels, its depth, and the pixels a unit of length there
//   middle:     the same for the middle of the stage
//   floorShare: how much of the floor is seen, 1 as in the house's pictures.

const FREE_SHARE = 0.09; // of the shorter side, around the joints of a dance in pixels
const HOUSE_PITCH = (6 * Math.PI) / 180;
const NEAREST = 0.05;

// A dance in pixels: one scale and one shift for all of it; centred, standing low.
function flatView(scene, width, height, { zoom }) {
  const [low, high] = scene.outermost;
  const extent = [0, 1].map((axis) => Math.max(high[axis] - low[axis], 1));
  const free = FREE_SHARE * Math.min(width, height);
  const available = [width - 2 * free, height - 3 * free]; // the head ends above the nose
  const scale = Math.min(available[0] / extent[0], available[1] / extent[1]);
  const x = free + (available[0] - extent[0] * scale) / 2 - low[0] * scale;
  const y = 2 * free + (available[1] - extent[1] * scale) * 0.7 - low[1] * scale;
  const closer = (pixel, size) => size / 2 + (pixel - size / 2) * zoom;
  const see = (point) => ({
    x: closer(x + point[0] * scale, width),
    y: closer(y + point[1] * scale, height),
    depth: 0,
    scale: scale * zoom,
  });
  return { see, middle: see(scene.middle), floorShare: 1 };
}

// A dance in metres: an upright pinhole camera, as near as the whole dance stays in the picture.
function cameraView(scene, width, height, { turn, pitch, zoom }) {
  const axes = cameraAxes(turn, pitch);
  const focal = Math.max(width, height) / 2 / Math.tan(scene.fieldOfView / 2);
  const margin = scene.margin * (1 + Math.sin(pitch) - Math.sin(HOUSE_PITCH)); // from above the head is near
  const free = (1 - margin) / 2 / focal;
  const distances = scene.outermost.map((point) => {
    const [across, up, into] = along(axes, point, scene.middle);
    return Math.max(Math.abs(across) / (free * width), Math.abs(up) / (free * height)) - into;
  });
  const distance = Math.max(1, ...distances);
  const see = (point) => {
    const [across, up, into] = along(axes, point, scene.middle);
    const depth = Math.max(distance + into, NEAREST);
    const scale = (focal * zoom) / depth;
    return { x: width / 2 + across * scale, y: height / 2 - up * scale, depth, scale };
  };
  return { see, middle: see(scene.middle), floorShare: Math.sin(pitch) / Math.sin(HOUSE_PITCH) };
}

// To the right of the picture, up in it, into it.
function cameraAxes(turn, pitch) {
  const [sinTurn, cosTurn, sinPitch, cosPitch] = [Math.sin(turn), Math.cos(turn), Math.sin(pitch), Math.cos(pitch)];
  return [
    [cosTurn, 0, -sinTurn],
    [-sinTurn * sinPitch, cosPitch, -cosTurn * sinPitch],
    [-sinTurn * cosPitch, -sinPitch, -cosTurn * cosPitch],
  ];
}

function along(axes, point, origin) {
  const [x, y, z] = point.map((value, axis) => value - origin[axis]);
  return axes.map((axis) => axis[0] * x + axis[1] * y + axis[2] * z);
}
