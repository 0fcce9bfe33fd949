// The figure of the style "stick": tapered limbs with light rims between crossing limbs, a torso, a head with a nose.
// All sizes come from Python, in torso lengths; `body` is the length of the torso in pixels.

const PARTS = Object.keys(JOINTS_OF_PART);

// Draw a figure. `joints` by name: {x, y, depth} in pixels; parts with a missing joint (null) are left out.
function drawFigure(pen, colours, joints, body, hasDepth) {
  for (const part of hasDepth ? farthestFirst(joints, body) : paintOrder(joints)) {
    if (part === "torso") drawTorso(pen, colours, joints, body);
    else if (part === "head") drawHead(pen, colours, joints, body);
    else drawLimb(pen, colours, joints, body, ...part.split("_"));
  }
}

function farthestFirst(joints, body) {
  const depth = (part) => {
    const depths = JOINTS_OF_PART[part].map((name) => joints[name]?.depth ?? 0);
    return mean(depths) + (part.endsWith("_leg") ? KNEE_IN_FRONT * body : 0);
  };
  return [...PARTS].sort((a, b) => depth(b) - depth(a));
}

// The order without depth: that of a dancer seen from behind or from the front.
function paintOrder({ left_shoulder: left, right_shoulder: right }) {
  return left && right && left.x < right.x ? PARTS_FROM_BEHIND : PARTS;
}

function drawLimb(pen, colours, joints, body, side, limb) {
  const chain = LIMB_RADII[limb].map(([name, radius]) => ({ joint: joints[`${side}_${name}`], radius }));
  const bones = chain.slice(1).map((end, i) => [chain[i], end]).filter(([a, b]) => a.joint && b.joint);
  for (const [rim, colour] of [[HALO_WIDTH, colours.halo], [0, colours[side]]]) {
    pen.fillStyle = colour;
    for (const [a, b] of bones) fillBone(pen, a.joint, b.joint, (a.radius + rim) * body, (b.radius + rim) * body);
  }
}

// Fill a round cone: the hull of two discs.
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
  const corners = JOINTS_OF_PART.torso.map((name) => joints[name]);
  if (corners.includes(null)) return corners.filter(Boolean);
  const [leftShoulder, rightShoulder, leftHip, rightHip] = corners;
  return [...inset(leftShoulder, rightShoulder, SHOULDERS_SHARE), ...inset(leftHip, rightHip, HIPS_SHARE)];
}

function inset(a, b, share) {
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

// The convex hull: the monotone chain of A. M. Andrew (1979).
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

// The nose is in front of the head: in a side view the head is drawn behind it.
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
