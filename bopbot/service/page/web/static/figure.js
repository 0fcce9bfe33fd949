// The figure that shows the progress: each stage of the work draws one of its strokes.
export class Figure {
  constructor(svg) {
    this.svg = svg;
    this.head = svg.querySelector(".head");
    this.limbs = {};
    for (const limb of svg.querySelectorAll(".limb")) {
      limb.classList.remove("done");
      const grown = limb.cloneNode();
      grown.classList.add("grown");
      this.head.before(grown);
      this.limbs[limb.dataset.limb] = [limb, grown];
    }
  }

  // share: 0 to 1.
  grow(stage, share) {
    const [limb, grown] = this.limbs[stage];
    limb.classList.toggle("covered", share === 1);
    grown.classList.toggle("begun", share > 0);
    grown.style.strokeDashoffset = 100 * (1 - share);
    if (share > 0) this.svg.classList.add("alive");
  }
}
