// One plot of lines over time, by uPlot, with the moment of playback in it: pointing tells values, pressing goes there.
//
// It knows nothing about joints.
import uPlot from "uplot";
import { extremesOf } from "./curves.ts";
import { element } from "./elements.ts";
import type { Theme } from "./header.ts";
import { moment } from "./moment.ts";
import { drag } from "./pointer.ts";
import type { Playback } from "./playback.ts";
import type { Line, Stroke, Study } from "./study.ts";
import { css } from "./themes.ts";
import { clock, frameAt } from "./times.ts";
import { amount } from "./words.ts";

const DASHES: Readonly<Record<Stroke, number[]>> = { main: [], faint: [], dashed: [6, 4], dotted: [2, 3] };
const GUTTER = 52; // pixels for the numbers at the left; the timeline below begins there, too
const MARGIN = 14; // pixels at the right
const SHADE = 0.14; // opacity of the ground of doubtful moments
const HEADROOM = 0.08; // of the range of values, above and below

export class Plot {
  readonly element: HTMLElement;
  private readonly title = element("h2", { class: "plot-title only-heard" });
  private readonly legend = element("ul", { class: "legend" });
  private readonly extremes = element("div", { class: "extremes" });
  private readonly area = element("div", { class: "plot-area" });
  private readonly hint = element("p", { class: "hint" }, "Click a joint of the figure to see how it moves.");
  private readonly playhead = element("div", { class: "playhead" });
  private readonly band = element("div", { class: "band" });
  private drawn: uPlot | null = null;
  private study: Study | null = null;
  private theme: Theme | null = null;
  private values: HTMLElement[] = [];
  private pointed: number | null = null;

  constructor(private readonly playback: Playback) {
    const head = element("div", { class: "plot-head" }, this.title, this.legend, this.extremes);
    this.element = element("section", { class: "plot", "aria-label": "Plot" }, head, this.area);
    new ResizeObserver(() => this.drawn?.setSize(this.size)).observe(this.area);
    playback.subscribe(() => {
      this.update();
    });
  }

  /** Show other lines; null for none. */
  show(study: Study | null, theme: Theme): void {
    this.study = study;
    this.theme = theme;
    this.pointed = null;
    this.drawn?.destroy();
    this.drawn = null;
    this.title.textContent = study?.title ?? "";
    this.legend.title = study?.definition ?? "";
    this.fillLegend();
    this.fillExtremes();
    if (study === null) {
      this.area.replaceChildren(this.hint);
      return;
    }
    this.area.replaceChildren();
    this.drawn = new uPlot(this.options(study, theme), this.data(study), this.area);
    this.drawn.over.append(this.band, this.playhead);
    drag(this.drawn.over, ({ clientX }) => {
      this.seek(clientX);
    });
    this.update();
  }

  private get size(): { width: number; height: number } {
    return { width: Math.max(1, this.area.clientWidth), height: Math.max(1, this.area.clientHeight) };
  }

  private data(study: Study): uPlot.AlignedData {
    const lines = study.lines.map(({ values }) => Array.from(values, (value) => (Number.isNaN(value) ? null : value)));
    return [Array.from(this.playback.times), ...lines];
  }

  private options(study: Study, theme: Theme): uPlot.Options {
    const axis = { stroke: css(theme.quiet), font: `11px ${getComputedStyle(document.body).fontFamily}` };
    const grid = { stroke: css(theme.grid, 0.6), width: 1 };
    const ticks = { show: false };
    return {
      ...this.size,
      padding: [8, MARGIN, 0, 0],
      legend: { show: false },
      scales: { x: { time: false }, y: { range: (_, least, most) => roomy(least, most) } },
      cursor: { drag: { x: false, y: false }, y: false, points: { size: 7 } },
      axes: [
        { ...axis, grid, ticks, size: 24, gap: 4, values: (_, seconds, __, ___, step) => seconds.map((at) => clock(at, digitsOf(step))) },
        { ...axis, grid, ticks, size: GUTTER, gap: 6, space: 26, values: (_, all) => all.map((one) => `${one} ${study.unit}`.replace(" °", "°")) },
      ],
      series: [{}, ...study.lines.map((line) => seriesOf(line, theme))],
      hooks: {
        setCursor: [(plot) => { this.point(plot.cursor.idx ?? null); }],
        drawClear: [(plot) => { this.shade(plot, theme); }],
        draw: [(plot) => { this.mark(plot, theme); }],
      },
    };
  }

  /** The ground of moments at which the joints are in doubt. */
  private shade(plot: uPlot, theme: Theme): void {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.fillStyle = css(theme.warning, SHADE);
    for (const [first, last] of this.study?.doubtful ?? []) {
      const [from, to] = [first, last + 1].map((frame) => plot.valToPos(this.playback.times[frame] ?? this.playback.times.at(-1) ?? 0, "x", true)) as [number, number];
      ctx.fillRect(from, bbox.top, Math.max(1, to - from), bbox.height);
    }
    ctx.restore();
  }

  /** Dots at the extremes of the first line. */
  private mark(plot: uPlot, theme: Theme): void {
    const [line] = this.study?.lines ?? [];
    const found = line === undefined ? null : extremesOf(line.values, 0, line.values.length - 1);
    if (line === undefined || found === null) return;
    const { ctx } = plot;
    ctx.save();
    ctx.fillStyle = css(theme.background);
    ctx.strokeStyle = css(line.colour(theme));
    ctx.lineWidth = 2 * devicePixelRatio;
    for (const frame of [found.least, found.most]) {
      const x = plot.valToPos(this.playback.times[frame] ?? 0, "x", true);
      const y = plot.valToPos(line.values[frame] ?? 0, "y", true);
      ctx.beginPath();
      ctx.arc(x, y, 4 * devicePixelRatio, 0, 2 * Math.PI);
      ctx.fill();
      ctx.stroke();
    }
    ctx.restore();
  }

  private seek(x: number): void {
    const { drawn, playback } = this;
    if (drawn === null) return;
    playback.goTo(frameAt(playback.times, drawn.posToVal(x - drawn.over.getBoundingClientRect().left, "x")));
  }

  private point(index: number | null): void {
    this.pointed = index;
    this.tellValues();
  }

  /** The moment, and the stretch that is looped. */
  private update(): void {
    const { drawn, playback } = this;
    if (drawn === null) return;
    const at = (frame: number): number => drawn.valToPos(playback.times[frame] ?? 0, "x");
    this.playhead.style.transform = `translateX(${at(playback.frame)}px)`;
    this.band.hidden = playback.loop === null;
    if (playback.loop !== null) {
      const [first, last] = playback.loop.map(at) as [number, number];
      this.band.style.left = `${first}px`;
      this.band.style.width = `${last - first}px`;
    }
    this.tellValues();
  }

  private fillLegend(): void {
    const lines = this.study?.lines ?? [];
    this.values = lines.map(() => element("output", { class: "value", "aria-live": "off" }));
    this.legend.replaceChildren(
      ...lines.map((line, at) => {
        const key = element("span", { class: `key ${line.stroke}`, "aria-hidden": "true" });
        if (this.theme !== null) key.style.color = css(line.colour(this.theme));
        return element("li", { class: line.stroke }, key, `${line.label} `, this.values[at] ?? "");
      }),
      ...(this.study?.doubtful.length ? [element("li", { class: "doubtful" }, "uncertain")] : []),
    );
  }

  /** Of the frame that is pointed at, otherwise of the one that is shown. */
  private tellValues(): void {
    const frame = this.pointed ?? this.playback.frame;
    for (const [at, { values }] of (this.study?.lines ?? []).entries()) {
      const output = this.values[at];
      if (output) output.textContent = amount(values[frame] ?? NaN, this.study?.unit ?? "");
    }
  }

  private fillExtremes(): void {
    const { study } = this;
    const line = study?.lines[0];
    const found = line === undefined ? null : extremesOf(line.values, 0, line.values.length - 1);
    if (!study || !line || !found) {
      this.extremes.replaceChildren();
      return;
    }
    const { most, least } = study.words;
    this.extremes.replaceChildren(
      ...([[most, found.most], [least, found.least]] as const).map(([words, frame]) =>
        moment(this.playback, words, frame, line.values, study.unit),
      ),
    );
  }
}

function seriesOf({ stroke, colour, label }: Line, theme: Theme): uPlot.Series {
  const faint = stroke === "faint";
  return {
    label,
    stroke: css(colour(theme), faint ? 0.45 : 1),
    width: faint ? 1.5 : 2,
    dash: DASHES[stroke],
    points: { show: false },
    spanGaps: false,
  };
}

/** As many digits behind the point as tell one of the axis's numbers from the next. */
function digitsOf(step: number): number {
  return Math.max(0, Math.ceil(-Math.log10(step)));
}

/** The range of values with room above and below; some range where all are the same. */
function roomy(least: number | null, most: number | null): [number, number] {
  const [low, high] = [least ?? 0, most ?? 1];
  const room = HEADROOM * (high - low) || 1;
  return [low - room, high + room];
}
