// Whose joints there are: angles in a list, with their extremes in words, and every other joint by name.
import { extremesOf, hingeOf } from "./curves.ts";
import type { Result } from "./data.ts";
import { told } from "./doubt.ts";
import { button, element } from "./elements.ts";
import type { HingeHeader } from "./header.ts";
import { chosenWith } from "./measure.ts";
import { moment } from "./moment.ts";
import type { Parts } from "./scene.ts";
import { shownAt } from "./study.ts";
import type { JointOf } from "./view.ts";
import { amount, capital, spoken } from "./words.ts";

interface Row {
  readonly joint: number;
  readonly values: Float64Array;
  readonly name: HTMLButtonElement;
  readonly now: HTMLElement;
}

export class Joints {
  readonly element: HTMLElement;
  private readonly list = element("ul", { class: "angles" });
  private readonly person = element("select", { "aria-label": "Person" });
  private readonly joint = element("select", { "aria-label": "Joint" });
  /** How far the chosen joint is to be trusted at the moment, and why. */
  private readonly trust = element("p", { class: "trust", "aria-live": "off" });
  private rows: readonly Row[] = [];
  private shown = "";

  /** To be shown when all poses are decoded. */
  constructor(private readonly parts: Parts) {
    const pick = element("div", { class: "pick" }, this.person, this.joint);
    this.element = element("div", { class: "joints" }, pick, this.trust, this.list);
    this.person.addEventListener("change", () => {
      const [result = "0", person = "0"] = this.person.value.split(" ");
      const joint = this.chosen?.joint ?? firstJoint(parts.results[Number(result)]);
      parts.view.change({ selected: [{ result: Number(result), person: Number(person), joint }] });
    });
    this.joint.addEventListener("change", () => {
      this.choose(Number(this.joint.value));
    });
    parts.results.forEach((result, number) => {
      for (const { id } of result.people) {
        const text = parts.results.length > 1 ? `${result.name}: person ${id}` : `Person ${id}`;
        this.person.append(element("option", { value: `${number} ${id}` }, text));
      }
    });
    this.person.hidden = this.person.length < 2;
    parts.view.subscribe(() => {
      this.show();
    });
    parts.playback.subscribe(() => {
      this.tell();
    });
  }

  /** Whoever and whatever is chosen; the same person's list stays as it is. */
  show(): void {
    const { chosen } = this;
    const result = chosen === null ? undefined : this.parts.results[chosen.result];
    if (chosen !== null && result !== undefined && this.shown !== `${chosen.result} ${chosen.person}`) {
      this.shown = `${chosen.result} ${chosen.person}`;
      this.person.value = this.shown;
      this.fill(result, chosen);
    }
    this.joint.value = chosen === null ? "" : String(chosen.joint);
    for (const { joint, name } of this.rows) name.setAttribute("aria-pressed", String(joint === chosen?.joint));
    this.tell();
  }

  private get chosen(): JointOf | null {
    return this.parts.view.choices.selected.at(-1) ?? null;
  }

  private choose(joint: number): void {
    const { selected, measuring } = this.parts.view.choices;
    const [result = 0, person = 0] = this.shown.split(" ").map(Number);
    this.parts.view.change({ selected: chosenWith(selected, { result, person, joint }, measuring) });
  }

  private fill(result: Result, chosen: JointOf): void {
    const names = result.skeleton.joints.map((name, at) => element("option", { value: String(at) }, capital(spoken(name))));
    this.joint.replaceChildren(...names);
    this.rows = result.header.hinges.map((hinge) => this.row(result, chosen, hinge));
    this.list.replaceChildren(
      ...this.rows.map((row) => element("li", {}, row.name, row.now, ...this.extreme(row.values))),
    );
  }

  private row(result: Result, { result: number, person }: JointOf, { joints, definition }: HingeHeader): Row {
    const values = shownAt(this.parts.results, number, hingeOf(result, person, joints));
    const name = button(capital(spoken(result.skeleton.joints[joints[1]] ?? "")), { title: definition }, () => {
      this.choose(joints[1]);
      this.parts.view.change({ quantity: "angle" });
    });
    name.classList.add(result.skeleton.sides[joints[1]] ?? "middle");
    return { joint: joints[1], values, name, now: element("output", { "aria-live": "off" }) };
  }

  /** Where an angle is most, as a button that goes there. */
  private extreme(values: Float64Array): readonly HTMLElement[] {
    const found = extremesOf(values, 0, values.length - 1);
    if (found === null) return [];
    return [moment(this.parts.playback, "most bent", found.most, values, "°")];
  }

  private tell(): void {
    const { playback } = this.parts;
    for (const { values, now } of this.rows) now.textContent = amount(values[playback.frame] ?? NaN, "°");
    this.trust.replaceChildren(...this.trustOfChosen());
  }

  private trustOfChosen(): readonly (Node | string)[] {
    const { chosen } = this;
    const { playback, results } = this.parts;
    const result = chosen === null ? undefined : results[chosen.result];
    if (chosen === null || result === undefined) return [];
    const [numbers, why] = told(result, chosen.person, chosen.joint, result.frameAt(playback.time));
    return [element("strong", {}, numbers), ` ${why}`];
  }
}

/** The joint that is chosen when a page opens: the first one that has an angle. */
export function firstJoint(result: Result | undefined): number {
  return result?.header.hinges[0]?.joints[1] ?? 0;
}
