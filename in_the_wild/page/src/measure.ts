// Joints that are pointed at, chosen and measured between, drawn over the scene: rings, lines, and what they measure.
import { told } from "./doubt.ts";
import { element } from "./elements.ts";
import { press } from "./pointer.ts";
import type { Parts, Scene } from "./scene.ts";
import type { Study } from "./study.ts";
import type { JointOf } from "./view.ts";
import { amount, capital, spoken } from "./words.ts";

const MOST = 3; // joints that an angle is between
const BESIDE = 12; // pixels from a joint to what is said of it

/** What is chosen when one more joint is: that one alone, or when measuring up to three in turn. */
export function chosenWith(before: readonly JointOf[], joint: JointOf, measuring: boolean): readonly JointOf[] {
  if (!measuring || before.length === MOST) return [joint];
  const isSame = (other: JointOf): boolean =>
    other.result === joint.result && other.person === joint.person && other.joint === joint.joint;
  return before.some(isSame) ? before.filter((other) => !isSame(other)) : [...before, joint];
}

export class Marks {
  readonly element: HTMLElement;
  private readonly rings = Array.from({ length: MOST }, () => element("div", { class: "ring" }));
  private readonly lines = Array.from({ length: MOST - 1 }, () => element("div", { class: "line" }));
  private readonly label = element("div", { class: "mark-label" });
  private readonly pointed = element("div", { class: "ring pointed" });
  private readonly name = element("div", { class: "mark-label name" });
  private near: JointOf | null = null;
  private study: Study | null = null;

  constructor(
    private readonly scene: Scene,
    private readonly parts: Parts,
  ) {
    this.element = element("div", { class: "marks", "aria-hidden": "true" });
    this.element.append(...this.lines, ...this.rings, this.pointed, this.label, this.name);
    const { canvas } = scene;
    canvas.addEventListener("pointermove", (event) => {
      this.near = event.buttons === 0 ? scene.pick(event.offsetX, event.offsetY) : null;
      canvas.style.cursor = this.near === null ? "" : "pointer";
      this.update();
    });
    canvas.addEventListener("pointerleave", () => {
      this.near = null;
      this.update();
    });
    press(canvas, (event) => {
      const joint = scene.pick(event.offsetX, event.offsetY);
      const { selected, measuring } = parts.view.choices;
      if (joint !== null) parts.view.change({ selected: chosenWith(selected, joint, measuring || event.shiftKey) });
    });
  }

  /** What the chosen joints measure. */
  show(study: Study | null): void {
    this.study = study;
    this.update();
  }

  /** Follow the figure; to be called whenever it is drawn anew. */
  update(): void {
    const { selected } = this.parts.view.choices;
    const places = selected.map((joint) => this.scene.project(joint));
    this.rings.forEach((ring, at) => {
      put(ring, places[at] ?? null);
    });
    this.lines.forEach((line, at) => {
      join(line, places[at] ?? null, places[at + 1] ?? null);
    });
    const [value] = this.study?.lines ?? [];
    const middle = selected.length > 1 ? (places[1] ?? null) : null;
    put(this.label, value === undefined ? null : middle);
    if (middle !== null) this.label.textContent = amount(value?.values[this.parts.playback.frame] ?? NaN, this.study?.unit ?? "");
    const pointed = this.near === null ? null : this.scene.project(this.near);
    put(this.pointed, pointed);
    if (this.near !== null) {
      this.name.replaceChildren(...this.describe(this.near).map((line) => element("div", {}, line)));
    }
    put(this.name, pointed);
    if (pointed !== null) put(this.name, this.beside(pointed, this.name));
  }

  /** Where words stand: below a place and to its right, or where the scene ends there, above it and to its left. */
  private beside({ x, y }: Place, { offsetWidth: width, offsetHeight: height }: HTMLElement): Place {
    const { clientWidth: right, clientHeight: bottom } = this.element;
    return {
      x: x + BESIDE + width > right ? x - BESIDE - width : x + BESIDE,
      y: y + BESIDE + height > bottom ? y - BESIDE - height : y + BESIDE,
    };
  }

  /** A joint's name, how far it is to be trusted, and why. */
  private describe({ result, person, joint }: JointOf): readonly string[] {
    const of = this.parts.results[result];
    if (of === undefined) return [];
    const [numbers, why] = told(of, person, joint, this.scene.frameOf(result));
    return [capital(spoken(of.skeleton.joints[joint] ?? "")), numbers, why].filter((line) => line !== "");
  }
}

interface Place {
  readonly x: number;
  readonly y: number;
}

function put(mark: HTMLElement, place: Place | null): void {
  mark.hidden = place === null;
  if (place !== null) mark.style.transform = `translate(${place.x}px, ${place.y}px)`;
}

function join(line: HTMLElement, from: Place | null, to: Place | null): void {
  line.hidden = from === null || to === null;
  if (from === null || to === null) return;
  const [x, y] = [to.x - from.x, to.y - from.y];
  line.style.width = `${Math.hypot(x, y)}px`;
  line.style.transform = `translate(${from.x}px, ${from.y}px) rotate(${Math.atan2(y, x)}rad)`;
}
