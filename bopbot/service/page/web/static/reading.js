// The words of the current time: large below the videos, and marked in the whole text.
export class Reading {
  constructor(main) {
    this.scroll = main.querySelector("[data-scroll]");
    this.lines = [...this.scroll.querySelectorAll("p")];
    this.large = [...main.querySelectorAll("[data-now] .line span")];
    this.now = null;
  }

  // share: the part of the dance that has been played, 0 to 1.
  at(share) {
    const line = this.lines[Math.min(Math.floor(share * this.lines.length), this.lines.length - 1)];
    if (!line || line === this.now) return;
    this.now?.classList.remove("now");
    line.classList.add("now");
    this.now = line;
    [...line.children].forEach((word, k) => this.large[k] && (this.large[k].textContent = word.textContent));
    if (this.scroll.matches(":hover, :focus")) return;
    this.scroll.scrollTop = line.offsetTop - this.scroll.clientHeight / 2;
  }
}
