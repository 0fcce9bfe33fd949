// The keypoints that BopBot saw, drawn over the video or on a dark background.
const COLOURS = { left: "#ff8a3d", right: "#4db5ff", middle: "#ffffff" };
// The browser shows the newest video frame of a time, which is about a quarter of a frame older.
const AHEAD = 0.25;

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
    const { width, height, fps, begin_s, sides, frames } = this.keypoints;
    this.context.clearRect(0, 0, width, height);
    const at = (seconds - begin_s) * fps + AHEAD;
    const [before, after] = [frames[Math.floor(at)], frames[Math.ceil(at)]];
    if (!before) return;
    const joints = after ? before.map((joint, k) => between(joint, after[k], at % 1)) : before;
    this.context.lineCap = "round";
    this.stroke(joints, () => "rgb(10 11 14 / 60%)", this.width * 1.9);
    this.stroke(joints, (bone) => COLOURS[sides?.[bone] ?? "middle"], this.width);
  }

  stroke(joints, colourOf, width) {
    this.context.lineWidth = width;
    for (const [index, bone] of this.keypoints.bones.entries()) {
      const [from, to] = bone.map((joint) => joints[joint]);
      if (!from || !to) continue;
      this.context.strokeStyle = colourOf(index);
      this.context.beginPath();
      this.context.moveTo(...from);
      this.context.lineTo(...to);
      this.context.stroke();
    }
  }
}
