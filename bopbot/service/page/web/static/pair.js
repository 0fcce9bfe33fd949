// Two synchronised videos: the new dance is the clock, and the original repeats beside it.
// Largest difference in seconds while they play, and while they are paused.
const DRIFT = 0.12;
const STILL = 0.01;

export class Pair {
  constructor(dance, original) {
    this.dance = dance;
    this.original = original;
    this.span = 0; // length of the original in seconds, 0 while unknown
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

  // The time in the original that belongs to the current time of the new dance.
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
