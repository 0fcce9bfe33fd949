// The house's figure: weighted limbs with light rims that keep crossing limbs apart, a torso, a head with a nose.
// All sizes are in torso lengths; `body` is the length of the torso in pixels.

const HALO_WIDTH = 0.03;
const TORSO_RADIUS = 0.085;
const [SHOULDERS_SHARE, HIPS_SHARE] = [0.74, 0.92]; // the torso ends inside the joints
const HEAD_RADIUS = 0.205;
const HEAD_ABOVE_NOSE = 0.08;
const HEAD_BEHIND_NOSE = 0.6;
const NECK_RADIUS = 0.06;
const NOSE_RADIUS = 0.06;
const NOSE_SHARE = 1.1;
const SHORTEST_SPINE = 0.3; // a spine that looks shorter says little about where up is
const KNEE_IN_FRONT = 0.5; // a leg covers the torso if its knee is this much nearer

const LIMBS = {
  leg: [["hip", 0.115], ["knee", 0.085], ["ankle", 0.055], ["toe", 0.05]],
  arm: [["shoulder", 0.095], ["elbow", 0.068], ["wrist", 0.058]],
};
const TORSO = ["left_shoulder", "right_shoulder", "left_hip", "right_hip"];
const DEPTH_OF_PART = {
  right_leg: ["right_knee"],
  left_leg: ["left_knee"],
  torso: TORSO,
  head: ["nose"],
  right_arm: ["right_elbow", "right_wrist"],
  left_arm: ["left_elbow", "left_wrist"],
};
const FROM_THE_FRONT = ["right_leg", "left_leg", "torso", "head", "right_arm", "left_arm"];
const FROM_BEHIND = ["right_arm", "left_arm", "right_leg", "left_leg", "head", "torso"];

// Joints by name, {x, y, depth} in pixels; what a missing joint (null) belongs to is left out.
function drawFigure(pen, colours, joints, body, hasDepth) {
  for (const part of hasDepth ? farthestFirst(joints, body) : asSeen(joints)) {
    if (part === "torso") drawTorso(pen, colours, joints, body);
    else if (part === "head") drawHead(pen, colours, joints, body);
    else drawLimb(pen, colours, joints, body, ...part.split("_"));
  }
}

function farthestFirst(joints, body) {
  const depth = (part) => {
    const depths = DEPTH_OF_PART[part].map((name) => joints[name]?.depth ?? 0);
    return mean(depths) + (part.endsWith("_leg") ? KNEE_IN_FRONT * body : 0);
  };
  return Object.keys(DEPTH_OF_PART).sort((a, b) => depth(b) - depth(a));
}

function asSeen({ left_shoulder: left, right_shoulder: right }) {
  return left && right && left.x < right.x ? FROM_BEHIND : FROM_THE_FRONT;
}

function drawLimb(pen, colours, joints, body, side, limb) {
  const chain = LIMBS[limb].map(([name, radius]) => ({ joint: joints[`${side}_${name}`], radius }));
  const bones = chain.slice(1).map((end, i) => [chain[i], end]).filter(([a, b]) => a.joint && b.joint);
  for (const [rim, colour] of [[HALO_WIDTH, colours.halo], [0, colours[side]]]) {
    pen.fillStyle = colour;
    for (const [a, b] of bones) fillBone(pen, a.joint, b.joint, (a.radius + rim) * body, (b.radius + rim) * body);
  }
}

// What a disc sweeps that moves from start to end and changes its radius.
function fillBone(pen, start, end, startRadius, endRadius) {
  const [x, y] = [end.x - start.x, end.y - start.y];
  const angle = Math.atan2(y, x);
  const narrowing = (startRadius - endRadius) / Math.max(Math.hypot(x, y), 1e-6);
  const opening = Math.acos(Math.min(Math.max(narrowing, -1), 1));
  pen.beginPath();
  pen.arc(end.x, end.y, endRadius, angle - opening, angle + opening);
  pen.arc(start.x, start.y, startRadius, angle + opening, angle - opening + 2 * Math.PI);
  pen.fill();
}

function drawTorso(pen, colours, joints, body) {
  const corners = torsoCorners(joints);
  if (corners.length < 2) return;
  const outline = hull(corners);
  fillRounded(pen, outline, (TORSO_RADIUS + HALO_WIDTH) * body, colours.halo);
  fillRounded(pen, outline, TORSO_RADIUS * body, colours.body);
}

function torsoCorners(joints) {
  const corners = TORSO.map((name) => joints[name]);
  if (corners.includes(null)) return corners.filter(Boolean);
  const [leftShoulder, rightShoulder, leftHip, rightHip] = corners;
  return [...drawnIn(leftShoulder, rightShoulder, SHOULDERS_SHARE), ...drawnIn(leftHip, rightHip, HIPS_SHARE)];
}

function drawnIn(a, b, share) {
  return [mix(b, a, (1 + share) / 2), mix(a, b, (1 + share) / 2)];
}

function fillRounded(pen, outline, radius, colour) {
  pen.beginPath();
  for (const { x, y } of outline) pen.lineTo(x, y);
  pen.closePath();
  pen.fillStyle = pen.strokeStyle = colour;
  pen.lineWidth = 2 * radius;
  pen.fill();
  pen.stroke();
}

// A. M. Andrew's monotone chain (1979).
function hull(points) {
  const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
  const half = (ordered) => {
    const chain = [];
    for (const point of ordered) {
      while (chain.length > 1 && turnsRight(chain.at(-2), chain.at(-1), point)) chain.pop();
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

function turnsRight(a, b, c) {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x) <= 0;
}

function drawHead(pen, colours, joints, body) {
  const { neck, nose } = joints;
  if (!neck || !nose) return;
  const centre = headCentre(joints, body);
  fillDisc(pen, centre, (HEAD_RADIUS + HALO_WIDTH) * body, colours.halo);
  pen.fillStyle = colours.body;
  fillBone(pen, neck, centre, NECK_RADIUS * body, NECK_RADIUS * body);
  fillDisc(pen, centre, HEAD_RADIUS * body, colours.body);
  fillDisc(pen, mix(centre, nose, NOSE_SHARE), NOSE_RADIUS * body, colours.body);
}

// The nose stands in front of the head: seen from the side the head lies behind it.
function headCentre({ neck, nose, left_hip: left, right_hip: right }, body) {
  const up = spine(neck, left, right, body);
  const offset = { x: nose.x - neck.x, y: nose.y - neck.y };
  const above = offset.x * up.x + offset.y * up.y;
  const high = above + HEAD_ABOVE_NOSE * body;
  return {
    x: neck.x + high * up.x + HEAD_BEHIND_NOSE * (offset.x - above * up.x),
    y: neck.y + high * up.y + HEAD_BEHIND_NOSE * (offset.y - above * up.y),
  };
}

function spine(neck, left, right, body) {
  const hips = left && right ? mix(left, right, 0.5) : neck;
  const [x, y] = [neck.x - hips.x, neck.y - hips.y];
  const length = Math.hypot(x, y);
  return length > SHORTEST_SPINE * body ? { x: x / length, y: y / length } : { x: 0, y: -1 };
}

function fillDisc(pen, { x, y }, radius, colour) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fillStyle = colour;
  pen.fill();
}

function mix(a, b, share) {
  return { x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share };
}

function mean(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
