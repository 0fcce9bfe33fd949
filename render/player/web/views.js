// From a dance's own coordinates to the picture. A view has
//   see(point): x and y in pixels, the depth, and the pixels per unit of length at that point
//   middle:     the same for the middle of the stage
//   floorShare: the visible height of the floor, 1 for the pitch of pictures.

// A dance in pixels: one scale and one shift for all frames; centred, standing low. See render/stage/viewport.py.
function flatView(scene, width, height, { zoom }) {
  const [low, high] = scene.outermost;
  const extent = [0, 1].map((axis) => Math.max(high[axis] - low[axis], 1));
  const free = MARGIN * Math.min(width, height);
  const available = [width - 2 * free, height - (MARGINS_ABOVE + 1) * free];
  const scale = Math.min(available[0] / extent[0], available[1] / extent[1]);
  const x = free + (available[0] - extent[0] * scale) / 2 - low[0] * scale;
  const y = MARGINS_ABOVE * free + (available[1] - extent[1] * scale) * SPACE_ABOVE - low[1] * scale;
  const closer = (pixel, size) => size / 2 + (pixel - size / 2) * zoom;
  const see = (point) => ({
    x: closer(x + point[0] * scale, width),
    y: closer(y + point[1] * scale, height),
    depth: 0,
    scale: scale * zoom,
  });
  return { see, middle: see(scene.middle), floorShare: 1 };
}

// A dance in metres: an upright pinhole camera, as near as the whole dance fits into the picture.
function cameraView(scene, width, height, { turn, pitch, zoom }) {
  const axes = cameraAxes(turn, pitch);
  const focal = Math.max(width, height) / 2 / Math.tan(FIELD_OF_VIEW / 2);
  const margin = CAMERA_MARGIN * (1 + Math.sin(pitch) - Math.sin(PITCH)); // seen from above, the head is near
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
  return { see, middle: see(scene.middle), floorShare: Math.sin(pitch) / Math.sin(PITCH) };
}

// The unit vectors to the right of the picture, up in it, and into it.
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
