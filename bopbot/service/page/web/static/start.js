// The start page: a video is dropped, chosen or recorded, previewed, and sent.
import { askJson } from "./api.js";
import { Camera, canRecord } from "./camera.js";
import { Chosen, whyNot } from "./chosen.js";
import { gallery, remember } from "./gallery.js";
import { announce } from "./motion.js";
import { insist, upload } from "./upload.js";

const percent = (part) => `${Math.round(100 * part)} %`;

export function start(main) {
  const form = main.querySelector("form");
  const part = (name) => form.querySelector(`[data-${name}]`);
  const [stage, empty, wrong, settings, sending] = ["stage-box", "empty", "wrong", "settings", "sending"].map(part);
  const facts = part("facts");
  const input = form.elements.video;
  const most = { bytes: Number(main.dataset.bytes), seconds: Number(main.dataset.seconds) };
  const chosen = new Chosen(part("chosen"), most);
  const camera = new Camera(part("camera"), choose, () => clear().then(() => part("record").focus()));

  async function clear(why = "") {
    chosen.hide();
    input.value = "";
    input.required = true;
    empty.hidden = facts.hidden = false;
    settings.hidden = true;
    wrong.hidden = !why;
    wrong.textContent = why;
  }

  async function choose(file) {
    const why = whyNot(file, most);
    if (why) return clear(why);
    empty.hidden = true;
    const afterAll = await chosen.show(file);
    if (afterAll) return clear(afterAll);
    input.required = false;
    settings.hidden = false;
    facts.hidden = true;
    announce(`${file.name} is chosen`);
    chosen.video.play().catch(() => {});
    part("send").focus({ preventScroll: true });
  }

  async function record() {
    try {
      empty.hidden = true;
      await camera.open();
    } catch {
      camera.close();
      clear("The camera cannot be used. Allow it for this page, or choose a video.");
    }
  }

  async function send() {
    const [bar, sent, left, line] = [sending.querySelector("progress"), part("sent"), part("left"), part("line")];
    const { file } = chosen;
    const fields = new FormData(form);
    const stop = new AbortController();
    const begun = Date.now();
    const show = (bytes) => {
      bar.value = (100 * bytes) / file.size;
      sent.textContent = percent(bytes / file.size);
      const rest = ((Date.now() - begun) / 1000) * (file.size / bytes - 1);
      left.textContent = bytes && rest > 2 ? `${Math.ceil(rest)} s left` : "";
    };
    const tell = (why, seconds) => {
      line.hidden = !why;
      line.textContent = why && `${why} Continuing in ${seconds} s; nothing is lost.`;
    };
    settings.hidden = true;
    part("another").hidden = true;
    sending.hidden = false;
    sending.querySelector("h2").focus();
    part("stop").onclick = () => stop.abort();
    show(0);
    try {
      const id = await upload(file, stop.signal, show, tell);
      fields.delete("video");
      fields.append("upload", id);
      const make = () =>
        askJson("/api/jobs", { method: "POST", body: fields, headers: { "Idempotency-Key": id }, signal: stop.signal });
      const job = await insist(make, stop.signal, tell);
      remember({ id: job.id, title: file.name.replace(/\.\w+$/, ""), made: Date.now(), poster: chosen.poster() });
      location.assign(`/d/${job.id}`);
    } catch (error) {
      sending.hidden = true;
      part("another").hidden = false;
      if (!stop.signal.aborted) return clear(error.message);
      settings.hidden = false;
      part("send").focus();
    }
  }

  form.onsubmit = (event) => {
    event.preventDefault();
    if (chosen.file) send();
  };
  input.onchange = () => input.files.length && choose(input.files[0]);
  part("another").onclick = () => clear().then(() => input.focus());
  part("record").hidden = !canRecord();
  part("record").onclick = record;
  stage.ondragover = (event) => {
    event.preventDefault();
    stage.classList.add("over");
  };
  stage.ondragleave = (event) => stage.contains(event.relatedTarget) || stage.classList.remove("over");
  stage.ondrop = (event) => {
    event.preventDefault();
    stage.classList.remove("over");
    const [file] = event.dataTransfer.files;
    if (file && sending.hidden) choose(file);
  };
  clear();
  gallery(main);
}
