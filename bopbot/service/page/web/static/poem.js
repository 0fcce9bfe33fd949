// The words of a dance, appearing line by line as they are written.
const WORDS_A_LINE = 5;
const LINES_SHOWN = 40;
const EVERY = 45;

function paragraph(words) {
  const line = document.createElement("p");
  words.forEach((word, k) => {
    const span = document.createElement("span");
    span.textContent = word;
    line.append(...(k ? [" ", span] : [span]));
  });
  return line;
}

export class Poem {
  constructor(section, atOnce) {
    this.section = section;
    this.lines = section.querySelector("[data-lines]");
    this.words = [...this.lines.querySelectorAll("span")].map((span) => span.textContent);
    this.shown = this.lines.children.length;
    this.atOnce = atOnce;
  }

  add(start, words) {
    for (; this.shown * WORDS_A_LINE > start; this.shown--) this.lines.lastElementChild?.remove();
    this.words.splice(start, Infinity, ...words);
    this.section.hidden = false;
    if (!this.timer) this.timer = setInterval(() => this.show(), this.atOnce ? 0 : EVERY);
  }

  show() {
    const whole = Math.floor(this.words.length / WORDS_A_LINE);
    const until = this.atOnce ? whole : Math.min(this.shown + 1, whole);
    for (; this.shown < until; this.shown++) {
      this.lines.append(paragraph(this.words.slice(this.shown * WORDS_A_LINE, (this.shown + 1) * WORDS_A_LINE)));
    }
    while (this.lines.children.length > LINES_SHOWN) this.lines.firstElementChild.remove();
    if (this.shown < whole) return;
    clearInterval(this.timer);
    this.timer = null;
  }
}
