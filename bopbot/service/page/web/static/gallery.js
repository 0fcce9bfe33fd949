// The user's dances, stored in this browser only.
const KEY = "bopbot.dances";
const MOST = 24;

function all() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? [];
  } catch {
    return [];
  }
}

function keep(dances) {
  try {
    localStorage.setItem(KEY, JSON.stringify(dances.slice(0, MOST)));
  } catch {
    // Without local storage there is no gallery.
  }
}

export const remember = (dance) => keep([dance, ...all().filter(({ id }) => id !== dance.id)]);
export const forget = (gone) => keep(all().filter(({ id }) => id !== gone));

function card(template, { id, title, made, poster }, onForget) {
  const item = template.content.cloneNode(true).firstElementChild;
  const name = item.querySelector(".name");
  item.querySelector("a").href = `/d/${id}`;
  name.textContent = title;
  item.querySelector("[data-when]").textContent = new Date(made).toLocaleString(undefined, {
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
  });
  if (poster.startsWith("data:image/")) {
    const image = Object.assign(new Image(), { src: poster, alt: "" });
    item.querySelector(".poster").replaceChildren(image);
  }
  const button = item.querySelector("button");
  button.setAttribute("aria-label", `Forget ${title}`);
  button.onclick = () => onForget(item);
  return item;
}

export function gallery(main) {
  const section = main.querySelector("section[data-mine]");
  const list = section.querySelector("ul");
  const tell = () => document.querySelectorAll("[data-mine]").forEach((part) => (part.hidden = !list.children.length));
  for (const dance of all()) {
    const drop = (item) => {
      forget(dance.id);
      const next = (item.nextElementSibling ?? item.previousElementSibling)?.querySelector("button");
      const held = item.contains(document.activeElement);
      item.remove();
      tell();
      if (held) (next ?? main).focus();
    };
    const item = card(section.querySelector("template"), dance, drop);
    list.append(item);
    fetch(`/api/jobs/${dance.id}`)
      .then(({ status }) => status === 404 && drop(item))
      .catch(() => {});
  }
  tell();
}
