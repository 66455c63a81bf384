// What goes on now: one frame after the other comes from the program that looks, and the newest is shown.
//
// in_the_wild/page/live.py is the other side. It knows nothing about how people are drawn.
import { element } from "./elements.ts";
import type { PersonNow } from "./data.ts";
import type { Parts } from "./scene.ts";

/** A frame as it comes. */
interface Now {
  readonly time: number;
  /** Seconds since 1970 at which its picture was there. */
  readonly there: number;
  readonly people: readonly PersonNow[];
  /** A JPEG in base64. */
  readonly picture: string;
  /** Figures a second. */
  readonly rate: number;
  /** Pictures that nobody looked at. */
  readonly dropped: number;
}

export class Live {
  readonly picture: HTMLImageElement;
  private ended = false;
  /** How late figures are, how many there are a second, and what was left out. */
  readonly said = element("p", { class: "live" }, "Waiting for the first picture …");

  /**
   * @param address Where frames come from.
   * @param changed Called when there is somebody new.
   */
  constructor(
    address: string,
    private readonly parts: Parts,
    private readonly changed: () => void,
  ) {
    this.picture = element("img", { alt: parts.header.video.name });
    const events = new EventSource(address);
    events.addEventListener("message", ({ data }: MessageEvent<string>) => {
      this.show(JSON.parse(data) as Now);
    });
    events.addEventListener("end", () => {
      events.close();
      this.ended = true;
      this.said.textContent = "That was all.";
    });
    events.addEventListener("error", () => {
      this.said.textContent = "Nothing comes any more; does the program still run?";
    });
  }

  private show(now: Now): void {
    const { results, playback, view } = this.parts;
    const [result] = results;
    if (result === undefined) return;
    const before = result.people.length;
    result.append(now.time, now.people);
    if (result.people.length > before) this.changed();
    this.picture.src = `data:image/jpeg;base64,${now.picture}`;
    playback.extend(result.times);
    // Nobody knows beforehand where people will go, so the scene goes along with the first.
    if (before === 0 && result.people[0] !== undefined) view.change({ followed: result.people[0].id });
    // The first callback comes before the scene is drawn, the second after.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      this.tell(now);
    }));
  }

  private tell({ time, there, rate, dropped }: Now): void {
    const delay = Date.now() / 1000 - there;
    Object.assign(this.said.dataset, { time: String(time), delay: delay.toFixed(3) });
    const left = dropped === 0 ? "" : `, ${dropped} picture${dropped === 1 ? "" : "s"} left out`;
    if (!this.ended) this.said.textContent = `${delay.toFixed(2)} s from the camera to here, ${rate.toFixed(1)} figures a second${left}`;
  }
}
