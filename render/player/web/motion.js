// Where every joint is at any time of the dance.

// Decode the numbers of one dancer, frames x points x coordinates.
function readMotion(text) {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return new Int16Array(bytes.buffer);
}

// The Catmull-Rom spline (1974) from b to c; a and d are the neighbours before and after.
function catmullRom(a, b, c, d, share) {
  const bend = 2 * a - 5 * b + 4 * c - d;
  const twist = 3 * (b - c) + d - a;
  return b + (share / 2) * (c - a + share * (bend + share * twist));
}

// Interpolate one coordinate between frames b and c; where one of them is missing, take the nearer one.
function interpolate(a, b, c, d, share) {
  if (b === MISSING || c === MISSING) return share < 0.5 ? b : c;
  return catmullRom(a === MISSING ? b : a, b, c, d === MISSING ? c : d, share);
}

// The points of a dancer at a time, given in frames: [x, y(, z)] each, null where missing.
function poseAt(motion, scene, time) {
  const { dims, step, middle } = scene;
  const stride = (scene.joints.length + 1) * dims;
  const last = motion.length / stride - 1;
  const frame = Math.floor(time);
  if (frame > last) return null;
  const rows = [-1, 0, 1, 2].map((k) => Math.min(Math.max(frame + k, 0), last) * stride);
  const points = [];
  for (let at = 0; at < stride; at += dims) {
    const point = middle.map((centre, axis) => {
      const [a, b, c, d] = rows.map((row) => motion[row + at + axis]);
      const value = interpolate(a, b, c, d, time - frame);
      return value === MISSING ? null : centre + step * value;
    });
    points.push(point.includes(null) ? null : point);
  }
  return points;
}
