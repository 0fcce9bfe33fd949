// Controls for both videos; keys work while an element of the player has the focus.
const FRAME = 1 / 30;
const KEYS = { " ": "play", k: "play", ",": "back", ".": "on", l: "loop", m: "mirror", f: "full" };

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

export function controls(player, pair, show) {
  const bar = player.querySelector("[data-controls]");
  const part = (name) => bar.querySelector(`[data-do="${name}"]`);
  const [button, scrub, time] = [part("play"), part("scrub"), bar.querySelector("[data-time]")];
  const press = (name, on) => part(name).setAttribute("aria-pressed", on);
  scrub.step = FRAME;

  function update() {
    const { currentTime } = pair.dance;
    scrub.max = pair.duration;
    scrub.value = currentTime;
    scrub.setAttribute("aria-valuetext", `${currentTime.toFixed(1)} of ${pair.duration.toFixed(1)} seconds`);
    time.textContent = `${clock(currentTime)} / ${clock(pair.duration)}`;
    bar.classList.toggle("playing", pair.playing);
    button.setAttribute("aria-label", pair.playing ? "Pause" : "Play");
    show();
  }

  function run() {
    if (!player.isConnected) return pair.pause();
    if (pair.playing) {
      pair.align();
      update();
    }
    requestAnimationFrame(run);
  }

  function step(seconds) {
    pair.pause();
    pair.seek(pair.dance.currentTime + seconds);
  }

  const actions = {
    play: () => (pair.playing ? pair.pause() : pair.play()),
    back: () => step(-FRAME),
    on: () => step(FRAME),
    loop: () => press("loop", (pair.dance.loop = !pair.dance.loop)),
    mirror: () => press("mirror", player.classList.toggle("flipped")),
    full: () => (document.fullscreenElement ? document.exitFullscreen() : player.requestFullscreen()),
  };

  for (const [name, act] of Object.entries(actions)) part(name).onclick = act;
  part("full").hidden = !document.fullscreenEnabled;
  bar.querySelectorAll('[data-do="speed"]').forEach((radio) => (radio.onchange = () => (pair.rate = Number(radio.value))));
  scrub.oninput = () => pair.seek(Number(scrub.value));
  player.tabIndex = -1;
  player.querySelector(".screens").onclick = actions.play;
  player.onkeydown = (event) => {
    const action = KEYS[event.key];
    const has = event.key === " " && event.target.matches("button, input");
    if (!action || has || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    actions[action]();
  };
  for (const kind of ["play", "pause", "ended", "seeked", "durationchange"]) pair.dance.addEventListener(kind, update);
  pair.original.addEventListener("seeked", show);
  pair.dance.addEventListener("ended", () => pair.original.pause());
  requestAnimationFrame(run);
  return update;
}
