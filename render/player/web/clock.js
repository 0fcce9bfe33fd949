// The time of the dance: it advances at a speed, and at the end starts over or stops.

class Clock {
  constructor(duration) {
    Object.assign(this, { duration, time: 0, speed: 1, loops: true, playing: false });
  }

  play() {
    if (this.time >= this.duration) this.time = 0;
    this.playing = true;
  }

  pause() {
    this.playing = false;
  }

  seek(time) {
    this.time = Math.min(Math.max(time, 0), this.duration);
  }

  advance(seconds) {
    this.time += seconds * this.speed;
    if (this.time < this.duration) return;
    this.time = this.loops ? this.time % this.duration : this.duration;
    this.playing = this.loops;
  }
}

// Format seconds: 75 as 1:15, 3675 as 1:01:15.
function formatTime(seconds) {
  const [h, m, s] = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map(Math.floor);
  const two = (number) => String(number).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
