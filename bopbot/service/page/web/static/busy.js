// Waiting for a retry, with a countdown.
const said = (seconds) => (seconds >= 120 ? `${Math.ceil(seconds / 60)} minutes` : `${seconds} s`);

export function countDown(line, seconds, done) {
  const due = Date.now() + 1000 * seconds;
  const tick = () => {
    const left = Math.ceil((due - Date.now()) / 1000);
    line.textContent = left > 0 ? `Try again in ${said(left)}.` : "You can try again now.";
    if (left > 0) return;
    clearInterval(timer);
    done();
  };
  const timer = setInterval(tick, 250);
  tick();
}

export function pause(seconds, signal, tell = () => {}) {
  return new Promise((resolve, reject) => {
    const due = Date.now() + 1000 * seconds;
    const stop = (finish) => {
      clearInterval(timer);
      removeEventListener("online", sooner);
      finish();
    };
    const sooner = () => stop(resolve);
    const tick = () => {
      const left = Math.ceil((due - Date.now()) / 1000);
      if (left <= 0) stop(resolve);
      else tell(left);
    };
    const timer = setInterval(tick, 200);
    addEventListener("online", sooner);
    signal.addEventListener("abort", () => stop(() => reject(signal.reason)), { once: true });
    tick();
  });
}
