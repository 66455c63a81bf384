// How joints move: the list of angles, and a plot of the joint, or of the measure, that is chosen.
import { button, element } from "./elements.ts";
import { iconButton } from "./icons.ts";
import type { Icon } from "./icons.ts";
import { Joints } from "./joints.ts";
import { Plot } from "./plots.ts";
import type { Parts } from "./scene.ts";
import { quantitiesOf, studyOf } from "./study.ts";
import type { Study } from "./study.ts";
import { toggled } from "./view.ts";
import type { Choices, Quantity } from "./view.ts";
import { amount, capital } from "./words.ts";

export class Inspector {
  readonly element: HTMLElement;
  private readonly joints: Joints;
  private readonly plot: Plot;
  private readonly tabs: readonly (readonly [Quantity, HTMLButtonElement])[];
  private readonly trail: HTMLButtonElement;
  private readonly measure: HTMLButtonElement;
  /** Tells those who listen what has been measured. */
  private readonly spoken = element("p", { class: "only-heard", "aria-live": "polite" });
  private before: Choices | null = null;
  private ready = false;

  /**
   * @param timeline Stands below the plot, along the same axis.
   * @param changed Called with what is plotted, whenever that is something else.
   */
  constructor(
    private readonly parts: Parts,
    timeline: HTMLElement,
    private readonly changed: (study: Study | null) => void,
  ) {
    const { results, view, playback, themes } = parts;
    this.joints = new Joints(parts);
    this.plot = new Plot(playback);
    const known = results.some(({ header }) => header.hasErrors) ? (["error"] as const) : [];
    this.tabs = (["angle", "speed", "position", ...known] as const).map((quantity) => [
      quantity,
      button(capital(quantity), {}, () => {
        view.change({ quantity });
      }),
    ]);
    this.trail = tool("trail", "Trail", "Draw the path of this joint (T)", () => {
      this.toggleTrail();
    });
    this.measure = tool("measure", "Measure", "Choose two joints for their distance, three for an angle (M)", () => {
      view.change({ measuring: !view.choices.measuring });
    });
    const quantities = element("div", { class: "group", role: "group", "aria-label": "Plot" });
    quantities.append(...this.tabs.map(([, tab]) => tab));
    const tools = element("div", { class: "tools" }, quantities, this.trail, this.measure);
    this.element = element("section", { class: "inspector", "aria-label": "Joints" });
    const plots = element("div", { class: "plots" }, tools, this.plot.element, timeline);
    this.element.append(this.joints.element, plots, this.spoken);
    view.subscribe(() => {
      this.update();
    });
    themes.subscribe(() => {
      this.draw();
    });
    this.update();
  }

  /** All poses are decoded. */
  begin(): void {
    this.ready = true;
    this.joints.show();
    this.draw();
  }

  /** Draw the path of the chosen joint, or no longer. */
  toggleTrail(): void {
    const { view } = this.parts;
    const name = this.chosenName;
    if (name !== null) view.change({ trails: toggled(view.choices.trails, name) });
  }

  private get chosenName(): string | null {
    const chosen = this.parts.view.choices.selected.at(-1);
    return chosen === undefined ? null : (this.parts.results[chosen.result]?.skeleton.joints[chosen.joint] ?? null);
  }

  private update(): void {
    const { choices } = this.parts.view;
    const name = this.chosenName;
    this.trail.disabled = name === null;
    this.trail.setAttribute("aria-pressed", String(name !== null && choices.trails.has(name)));
    this.measure.setAttribute("aria-pressed", String(choices.measuring));
    if (choices.selected !== this.before?.selected || choices.quantity !== this.before.quantity) this.draw();
    this.before = choices;
  }

  private draw(): void {
    if (!this.ready) return;
    const { header, results, view, themes, playback } = this.parts;
    const { selected, quantity } = view.choices;
    const [chosen] = selected;
    const result = chosen === undefined ? undefined : results[chosen.result];
    const possible = chosen === undefined || result === undefined ? [] : quantitiesOf(result, chosen.joint);
    const shown = possible.includes(quantity) ? quantity : (possible[0] ?? quantity);
    for (const [one, tab] of this.tabs) {
      tab.disabled = selected.length !== 1 || !possible.includes(one);
      tab.setAttribute("aria-pressed", String(selected.length === 1 && one === shown));
    }
    const study = studyOf(results, selected, shown, header.look);
    this.plot.show(study, themes.theme);
    this.changed(study);
    const value = study?.lines[0]?.values[playback.frame];
    this.spoken.textContent = study === null ? "" : `${study.title}, ${amount(value ?? NaN, study.unit)}`;
  }
}

/** A button with a drawing before its name. */
function tool(drawing: Icon, name: string, title: string, press: () => void): HTMLButtonElement {
  const made = iconButton(drawing, name, press, title);
  made.append(element("span", { class: "text" }, name));
  return made;
}
