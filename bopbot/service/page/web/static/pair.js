// Two films as one: the new dance is the clock, the original runs along, over and over.
const DRIFT = 0.12;
// While they stand still, nothing that can be seen.
const STILL = 0.01;

export class Pair {
  constructor(dance, original) {
    this.dance = dance;
    this.original = original;
    this.span = 0; // seconds of the original, 0 while it is not known
    this.last = 0;
    dance.loop = true;
    original.addEventListener("seeked", () => this.playing || this.align(STILL));
  }

  get playing() {
    return !this.dance.paused;
  }

  get duration() {
    return this.dance.duration || 0;
  }

  // Where the original is at the moment of the new dance.
  get behind() {
    return this.span ? this.dance.currentTime % this.span : this.dance.currentTime;
  }

  async play() {
    if (!this.dance.loop && this.dance.ended) this.dance.currentTime = 0;
    this.align(0);
    await Promise.allSettled([this.dance.play(), this.plays && this.original.play()]);
  }

  pause() {
    this.dance.pause();
    this.original.pause();
    this.align(0);
  }

  seek(seconds) {
    this.dance.currentTime = Math.min(Math.max(seconds, 0), this.duration);
    this.align(0);
  }

  set rate(rate) {
    this.dance.playbackRate = rate;
    this.original.playbackRate = rate;
  }

  get plays() {
    return !this.original.error && this.original.readyState > 0;
  }

  align(drift = DRIFT) {
    if (!this.plays || !this.span || this.original.seeking) return;
    const apart = Math.abs(this.original.currentTime - this.behind);
    if (Math.min(apart, this.span - apart) > drift) this.original.currentTime = this.behind;
  }
}
