// The one moment that everything on the page shows: which frame, and how it goes on.
//
// A clock may lead, such as a video that plays; otherwise time passes by itself. It knows nothing about what is shown.
import { Listeners } from "./listeners.ts";
import { frameAt } from "./times.ts";

/** Seconds that clocks' times may be rounded by. */
const ROUNDED = 1e-3;

/** What frames come from while it runs, such as a video. */
export interface Clock {
  /** Go on from this time, in seconds, at so many times the usual speed. */
  start(time: number, speed: number): void;
  stop(): void;
  /** Whether it can lead at this time. */
  covers(time: number): boolean;
}

export class Playback extends Listeners {
  private now = 0;
  private isPlaying = false;
  private rate = 1;
  private stretch: readonly [number, number] | null = null;
  private clock: Clock | null = null;
  private led = false;

  /** @param moments Seconds of each frame, rising. */
  constructor(private moments: Float64Array) {
    super();
    this.now = moments[0] ?? 0;
  }

  /** Seconds of each frame, rising. */
  get times(): Float64Array {
    return this.moments;
  }

  /** Frames have come; the newest is shown. */
  extend(times: Float64Array): void {
    this.moments = times;
    this.seek(times.length - 1);
  }

  get frames(): number {
    return this.times.length;
  }

  /** The frame that is shown. */
  get frame(): number {
    return frameAt(this.times, this.now);
  }

  /** Its moment in seconds, those of the whole video. */
  get time(): number {
    return this.now;
  }

  get playing(): boolean {
    return this.isPlaying;
  }

  get speed(): number {
    return this.rate;
  }

  /** First and last frame of the stretch that is played again and again; null for all. */
  get loop(): readonly [number, number] | null {
    return this.stretch;
  }

  seek(frame: number): void {
    const whole = Math.min(Math.max(Math.round(frame), 0), Math.max(0, this.frames - 1));
    this.now = this.times[whole] ?? 0;
    this.restart();
  }

  /** Stop at a frame. */
  goTo(frame: number): void {
    this.pause();
    this.seek(frame);
  }

  step(frames: number): void {
    this.goTo(this.frame + frames);
  }

  play(): void {
    const [first, last] = this.bounds;
    if (this.frame >= last || this.frame < first) this.now = this.times[first] ?? 0;
    this.isPlaying = true;
    this.restart();
  }

  pause(): void {
    if (!this.isPlaying) return;
    this.isPlaying = false;
    this.now = this.times[this.frame] ?? 0;
    this.restart();
  }

  toggle(): void {
    if (this.isPlaying) this.pause();
    else this.play();
  }

  setSpeed(speed: number): void {
    this.rate = speed;
    this.restart();
  }

  setLoop(loop: readonly [number, number] | null): void {
    this.stretch = loop === null ? null : [Math.min(...loop), Math.max(...loop)];
    this.tell();
  }

  /** Let a clock lead wherever it can. */
  follow(clock: Clock | null): void {
    this.clock?.stop();
    this.clock = clock;
    this.restart();
  }

  /** What the leading clock shows, in seconds, rounded as it may be. */
  clockShows(time: number): void {
    if (!this.isPlaying || !this.led) return;
    const began = this.times[frameAt(this.times, time + ROUNDED)] ?? 0;
    this.moveTo(Math.max(time, began));
  }

  /** The leading clock has come to its end. */
  clockEnded(): void {
    if (this.isPlaying && this.led) this.moveTo(Math.max(this.times.at(-1) ?? 0, this.now), true);
  }

  /** So many seconds have passed; they count where no clock leads. */
  pass(seconds: number): void {
    if (this.isPlaying && !this.led) this.moveTo(this.now + seconds * this.rate);
  }

  private get bounds(): readonly [number, number] {
    return this.stretch ?? [0, Math.max(0, this.frames - 1)];
  }

  private moveTo(time: number, ended = false): void {
    const [first, last] = this.bounds;
    // The last frame stays as long as the one before it.
    const end = (this.times[last] ?? 0) + ((this.times[last] ?? 0) - (this.times[last - 1] ?? 0));
    if (time < end && !ended) {
      this.now = time;
      this.tell();
      return;
    }
    if (this.stretch === null) {
      this.now = this.times[last] ?? 0;
      this.isPlaying = false;
    } else this.now = this.times[first] ?? 0;
    this.restart();
  }

  private restart(): void {
    this.led = this.isPlaying && this.clock?.covers(this.now) === true;
    if (this.led) this.clock?.start(this.now, this.rate);
    else this.clock?.stop();
    this.tell();
  }
}
