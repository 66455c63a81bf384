// The video beside the scene: it shows the same moment, and leads while it plays.
import { bytesOf } from "./decode.ts";
import type { VideoHeader } from "./header.ts";
import type { Clock, Playback } from "./playback.ts";

/** Part of a frame by which seeks go into it, so that rounding does not end at the one before. */
const INTO = 0.35;

export class Video implements Clock {
  readonly element = document.createElement("video");
  private running = false;
  private usable = false;
  private asked: number | null = null;

  /**
   * @param source A data address or a relative path.
   * @param failed Called where the browser cannot show it.
   */
  constructor(
    source: string,
    private readonly header: VideoHeader,
    private readonly playback: Playback,
    failed: () => void,
  ) {
    const { element } = this;
    Object.assign(element, { muted: true, playsInline: true, preload: "auto", disablePictureInPicture: true });
    element.setAttribute("aria-label", `Video ${header.name}`);
    if (header.rotate % 180 !== 0) element.classList.add("turned");
    element.style.transform = `${header.mirror ? "scaleX(-1)" : ""} rotate(${-header.rotate}deg)`;
    element.addEventListener("error", () => {
      this.usable = false;
      playback.follow(null);
      failed();
    });
    element.addEventListener("loadeddata", () => {
      this.usable = true;
      playback.follow(this);
    });
    element.addEventListener("seeked", () => {
      this.seekOn();
    });
    element.addEventListener("ended", () => {
      playback.clockEnded();
    });
    playback.subscribe(() => {
      if (!this.running) this.show(playback.frame);
    });
    this.watch();
    element.src = source.startsWith("data:") ? blobOf(source) : source;
  }

  covers(time: number): boolean {
    return this.usable && time + this.header.began < this.element.duration;
  }

  start(time: number, speed: number): void {
    this.element.playbackRate = speed;
    if (!this.running || Math.abs(this.element.currentTime - this.header.began - time) > 0.5 * this.length()) {
      this.element.currentTime = this.header.began + time + INTO * this.length();
    }
    this.running = true;
    this.element.play().catch(() => {
      this.running = false;
      this.playback.follow(null);
    });
  }

  stop(): void {
    this.running = false;
    this.element.pause();
    this.show(this.playback.frame);
  }

  /** Show one frame, standing still. */
  private show(frame: number): void {
    if (!this.usable) return;
    const time = this.header.began + (this.playback.times[frame] ?? 0) + INTO * this.length(frame);
    if (Math.abs(this.element.currentTime - time) < 1e-4 && this.asked === null) return;
    this.asked = time;
    if (!this.element.seeking) this.seekOn();
  }

  /** Go where was asked for last; what was asked for meanwhile is passed over. */
  private seekOn(): void {
    const { asked } = this;
    this.asked = null;
    if (asked !== null && Math.abs(this.element.currentTime - asked) > 1e-4) this.element.currentTime = asked;
  }

  /** Tell the playback, while the video runs, which frame the browser has just shown. */
  private watch(): void {
    const { element } = this;
    const told = (shown: number): void => {
      if (this.running && !element.seeking) this.playback.clockShows(shown - this.header.began);
    };
    if ("requestVideoFrameCallback" in element) {
      const next = (_: number, { mediaTime }: VideoFrameCallbackMetadata): void => {
        told(mediaTime);
        element.requestVideoFrameCallback(next);
      };
      element.requestVideoFrameCallback(next);
    } else {
      const next = (): void => {
        told(this.element.currentTime);
        requestAnimationFrame(next);
      };
      requestAnimationFrame(next);
    }
  }

  /** Seconds that a frame stays. */
  private length(frame: number = this.playback.frame): number {
    const { times } = this.playback;
    const at = Math.min(frame, times.length - 2);
    return Math.max(0, (times[at + 1] ?? 0) - (times[at] ?? 0));
  }
}

/** An address of what a data address stands for: browsers go about in it as in a file. */
function blobOf(source: string): string {
  const [kind = "", content = ""] = source.slice("data:".length).split(";base64,");
  return URL.createObjectURL(new Blob([bytesOf(content)], { type: kind }));
}
