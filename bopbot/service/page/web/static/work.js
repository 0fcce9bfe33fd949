// The progress of a take from its event stream; after a lost connection the stream resumes after its last event.
import { Figure } from "./figure.js";
import { announce, stillMotion } from "./motion.js";
import { Poem } from "./poem.js";

const OVER = ["done", "failed", "cancelled", "deleted"];
const AGAIN = 3000;

const line = (place) => (place > 1 ? `Number ${place} in line` : "You are next");

export function work(main, swap) {
  const heading = main.querySelector("[data-heading]");
  const lost = main.querySelector("[data-line]");
  const stages = [...main.querySelectorAll("li[data-stage]")];
  const figure = new Figure(main.querySelector(".figure"));
  const poem = new Poem(main.querySelector("[data-poem]"), stillMotion());

  function head(text) {
    if (heading.textContent === text) return;
    heading.textContent = text;
    document.title = `${text} · BopBot`;
    announce(text);
  }

  function reach({ stage, done, total }) {
    const reached = stages.findIndex((item) => item.dataset.stage === stage);
    stages.forEach((item, k) => {
      item.className = k < reached ? "done" : k === reached ? "now" : "todo";
      item.toggleAttribute("aria-current", k === reached);
      if (k === reached) item.setAttribute("aria-current", "step");
      const share = k < reached ? 1 : k === reached ? done / Math.max(total, 1) : 0;
      item.querySelector("[data-share]").textContent = { done: "done", now: `${Math.floor(100 * share)} %`, todo: "" }[item.className];
      figure.grow(item.dataset.stage, share);
    });
    head(stages[reached].firstElementChild.textContent);
  }

  // The server renders the finished page; until it answers, ask again.
  async function end() {
    events.close();
    try {
      await swap();
    } catch {
      lose();
      setTimeout(end, AGAIN);
    }
  }

  function lose() {
    lost.textContent = "The connection to the server is lost. The work goes on there, and this page reconnects by itself.";
    lost.hidden = false;
  }

  stages.forEach((item) => figure.grow(item.dataset.stage, item.dataset.percent / 100));

  const events = new EventSource(`${main.dataset.events}?after=${main.dataset.after}`);
  const on = (kind, handle) => events.addEventListener(kind, (event) => handle(JSON.parse(event.data)));
  on("progress", reach);
  on("row", ({ places }) => poem.layout(places));
  on("words", ({ start, words }) => poem.add(start, words));
  on("place", ({ place }) => head(line(place)));
  on("state", ({ state, place }) => {
    if (OVER.includes(state)) end();
    else if (state === "queued") head(line(place));
    else head("Beginning");
  });
  events.onopen = () => (lost.hidden = true);
  events.onerror = () => {
    if (events.readyState === EventSource.CLOSED) return end();
    lose();
  };
  addEventListener("pagehide", () => events.close(), { once: true });
}
