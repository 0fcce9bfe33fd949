// The words of a dance, shown row by row while they are generated.
const LINES_SHOWN = 40;
const EVERY_MS = 45;

const spans = (texts) =>
  texts.map((text) => {
    const span = document.createElement("span");
    span.textContent = text;
    return span;
  });

function paragraph(words) {
  const line = document.createElement("p");
  spans(words).forEach((span, k) => line.append(...(k ? [" ", span] : [span])));
  return line;
}

export class Poem {
  constructor(section, atOnce) {
    this.section = section;
    this.lines = section.querySelector("[data-lines]");
    this.places = section.querySelector("[data-places]");
    this.perRow = Number(section.dataset.perRow);
    this.words = [...this.lines.querySelectorAll("span")].map((span) => span.textContent);
    this.shown = this.lines.children.length;
    this.atOnce = atOnce;
  }

  // names: of the places of a row, one word each.
  layout(names) {
    this.perRow = names.length;
    this.places.replaceChildren(...spans(names));
    this.places.hidden = names.length < 2;
  }

  add(start, words) {
    for (; this.shown * this.perRow > start; this.shown--) this.lines.lastElementChild?.remove();
    this.words.splice(start, Infinity, ...words);
    this.section.hidden = false;
    if (!this.timer) this.timer = setInterval(() => this.show(), this.atOnce ? 0 : EVERY_MS);
  }

  show() {
    const whole = Math.floor(this.words.length / this.perRow);
    const until = this.atOnce ? whole : Math.min(this.shown + 1, whole);
    for (; this.shown < until; this.shown++) {
      this.lines.append(paragraph(this.words.slice(this.shown * this.perRow, (this.shown + 1) * this.perRow)));
    }
    while (this.lines.children.length > LINES_SHOWN) this.lines.firstElementChild.remove();
    if (this.shown < whole) return;
    clearInterval(this.timer);
    this.timer = null;
  }
}
