// The whole clip at a glance: when who is seen, what is not to be trusted, where shots begin, the stretch that is looped,
// and the moment, which is dragged, or moved by the keys of a slider.
import { cautionsOf } from "./cautions.ts";
import type { Person } from "./data.ts";
import { element } from "./elements.ts";
import { drag } from "./pointer.ts";
import type { Parts } from "./scene.ts";
import { css, ownColour } from "./themes.ts";
import { clock, frameAt } from "./times.ts";

const ROWS_ALL = 6; // people with a row each; of more the rows are thinner
const ROW = 10; // pixels
const THIN_ROW = 4;

export class Timeline {
  readonly element: HTMLElement;
  private readonly rows = element("div", { class: "rows", "aria-hidden": "true" });
  private readonly band = element("div", { class: "band", hidden: "" });
  private readonly playhead = element("div", { class: "playhead" });
  private readonly track: HTMLElement;

  constructor(private readonly parts: Parts) {
    const { playback, view, themes } = parts;
    this.track = element(
      "div",
      { class: "track", role: "slider", tabindex: "0", "aria-label": "Moment", "aria-valuemin": "0" },
      this.rows,
      this.band,
      this.playhead,
    );
    this.track.setAttribute("aria-valuemax", String(Math.max(0, playback.frames - 1)));
    const [first, last] = ["first", "last"].map((end) => this.handle(end === "first"));
    if (first && last) this.band.append(first, last);
    const cautions = cautionsOf(parts, (seconds) => this.shareOfSeconds(seconds));
    this.element = element("div", { class: "timeline" }, cautions, this.track);
    drag(this.track, ({ clientX }) => {
      playback.goTo(this.frameAtPixel(clientX));
    });
    playback.subscribe(() => {
      this.update();
    });
    view.subscribe(() => {
      this.fill();
    });
    themes.subscribe(() => {
      this.fill();
    });
    this.fill();
    this.update();
  }

  /** An end of the looped stretch, to be dragged. */
  private handle(isFirst: boolean): HTMLElement {
    const made = element("div", { class: `handle ${isFirst ? "first" : "last"}`, title: "Drag: where the loop ends" });
    drag(made, ({ clientX }) => {
      const { loop } = this.parts.playback;
      const frame = this.frameAtPixel(clientX);
      if (loop === null) return;
      this.parts.playback.setLoop(isFirst ? [Math.min(frame, loop[1]), loop[1]] : [loop[0], Math.max(frame, loop[0])]);
    });
    return made;
  }

  private frameAtPixel(x: number): number {
    const { left, width } = this.track.getBoundingClientRect();
    const { times } = this.parts.playback;
    const [begin, end] = [times[0] ?? 0, times.at(-1) ?? 0];
    return frameAt(times, begin + ((x - left) / width) * (end - begin));
  }

  /** Where a frame that is shown is, in percent. */
  private share(frame: number): number {
    const { times } = this.parts.playback;
    return this.shareOfSeconds(times[frame] ?? times.at(-1) ?? 0);
  }

  private shareOfSeconds(seconds: number): number {
    const { times } = this.parts.playback;
    const [begin, end] = [times[0] ?? 0, times.at(-1) ?? 0];
    return end > begin ? 100 * Math.min(Math.max((seconds - begin) / (end - begin), 0), 1) : 0;
  }

  private fill(): void {
    const { results, themes, view } = this.parts;
    const people = results.flatMap((result, number) => result.people.map((person) => ({ number, person })));
    const height = people.length > ROWS_ALL ? THIN_ROW : ROW;
    const rows = people.map(({ number, person }) => {
      const row = element("div", { class: "row" });
      row.style.height = `${height}px`;
      const colour = ownColour(themes.theme, results.length > 1, number, person.id);
      const hidden = view.choices.hiddenPeople.has(person.id) || view.choices.hiddenResults.has(number);
      row.append(...this.bars(person.spans, results[number]?.times ?? [], css(colour, hidden ? 0.25 : 0.85)));
      return row;
    });
    const cuts = (results[0]?.header.cuts ?? []).map((frame) => {
      const cut = element("div", { class: "cut", title: `Another shot begins, ${clock(results[0]?.times[frame] ?? 0)}` });
      cut.style.left = `${this.share(frame)}%`;
      return cut;
    });
    this.rows.replaceChildren(...rows, ...cuts);
  }

  /** Stretches in which somebody is seen; those nearer to each other than can be told apart are drawn as one. */
  private bars(spans: Person["spans"], times: ArrayLike<number>, colour: string): HTMLElement[] {
    const joined: [number, number][] = [];
    for (const [first, last] of spans) {
      const [from, to] = [this.shareOfSeconds(times[first] ?? 0), this.shareOfSeconds(times[last] ?? 0)];
      const before = joined.at(-1);
      if (before !== undefined && from - before[1] < 0.1) before[1] = to;
      else joined.push([from, to]);
    }
    return joined.map(([from, to]) => {
      const bar = element("div", { class: "bar" });
      Object.assign(bar.style, { left: `${from}%`, width: `max(2px, ${to - from}%)`, background: colour });
      return bar;
    });
  }

  private update(): void {
    const { playback } = this.parts;
    this.track.setAttribute("aria-valuenow", String(playback.frame));
    this.track.setAttribute("aria-valuetext", `${clock(playback.time)}, frame ${playback.frame}`);
    this.playhead.style.left = `${this.share(playback.frame)}%`;
    this.band.hidden = playback.loop === null;
    if (playback.loop === null) return;
    const [first, last] = playback.loop.map((frame) => this.share(frame)) as [number, number];
    Object.assign(this.band.style, { left: `${first}%`, width: `${last - first}%` });
  }
}
