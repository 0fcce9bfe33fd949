// Starts the scripts of a page, which also works without them.
import { copying } from "./copying.js";
import { countDown } from "./busy.js";
import { stillMotion } from "./motion.js";

function atHome(time) {
  time.textContent = new Date(time.dateTime).toLocaleString(undefined, { dateStyle: "long", timeStyle: "short" });
}

// pages: the start function for each kind of page.
export function begin(pages) {
  const main = document.querySelector("main");
  pages[main.dataset.page]?.(main, () => swap(pages));
  main.querySelectorAll("[data-copy]").forEach(copying);
  main.querySelectorAll("time").forEach(atHome);
  main.querySelectorAll("[data-wait]").forEach((line) => countDown(line, Number(line.dataset.wait), () => {}));
}

// Replaces the content by what the server now renders at this address.
async function swap(pages) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const main = document.importNode(page.querySelector("main"), true);
  const show = () => {
    document.querySelector("main").replaceWith(main);
    document.title = page.title;
    begin(pages);
    main.querySelector("h1").focus({ preventScroll: true });
    scrollTo(0, 0);
  };
  if (document.startViewTransition && !stillMotion()) document.startViewTransition(show);
  else show();
}
