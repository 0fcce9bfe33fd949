// What BopBot saw: the keypoints of a moment, drawn over the video or on dark ground.
const LEFT = "#ff8a3d";
const RIGHT = "#4db5ff";
const MIDDLE = "#ffffff";
const FIRST_LIMB = 2;
// A frame shows the newest picture of its time, which is about a quarter of a frame older.
const AHEAD = 0.25;

// The dancer's joints are nose and neck, and from then on left and right by turns.
const colour = ([from, to]) => {
  const isMiddle = to < FIRST_LIMB || (from >= FIRST_LIMB && from % 2 !== to % 2);
  if (isMiddle) return MIDDLE;
  return to % 2 ? RIGHT : LEFT;
};

const between = (from, to, share) => from && to && from.map((part, k) => part + share * (to[k] - part));

export class Overlay {
  constructor(canvas, keypoints) {
    this.keypoints = keypoints;
    this.context = canvas.getContext("2d");
    canvas.width = keypoints.width;
    canvas.height = keypoints.height;
    this.width = Math.max(keypoints.width, keypoints.height) / 110;
  }

  get duration() {
    return this.keypoints.begin_s + this.keypoints.frames.length / this.keypoints.fps;
  }

  draw(seconds) {
    const { width, height, fps, begin_s, bones, frames } = this.keypoints;
    this.context.clearRect(0, 0, width, height);
    const at = (seconds - begin_s) * fps + AHEAD;
    const [before, after] = [frames[Math.floor(at)], frames[Math.ceil(at)]];
    if (!before) return;
    const joints = after ? before.map((joint, k) => between(joint, after[k], at % 1)) : before;
    this.context.lineCap = "round";
    this.stroke(bones, joints, () => "rgb(10 11 14 / 60%)", this.width * 1.9);
    this.stroke(bones, joints, colour, this.width);
  }

  stroke(bones, joints, colourOf, width) {
    this.context.lineWidth = width;
    for (const bone of bones) {
      const [from, to] = bone.map((joint) => joints[joint]);
      if (!from || !to) continue;
      this.context.strokeStyle = colourOf(bone);
      this.context.beginPath();
      this.context.moveTo(...from);
      this.context.lineTo(...to);
      this.context.stroke();
    }
  }
}
