// What is seen, and from where: the views, the people, the results.
import { button, element } from "./elements.ts";
import type { Parts } from "./scene.ts";
import { css, inTurn } from "./themes.ts";
import { toggled } from "./view.ts";
import type { Preset } from "./view.ts";

const PRESETS: readonly (readonly [Preset, string])[] = [
  ["free", "Free"],
  ["front", "Front"],
  ["side", "Side"],
  ["top", "Top"],
  ["camera", "Camera"],
];

/** The bar above the pictures. */
export function chooser(parts: Parts): HTMLElement {
  return element("nav", { class: "chooser", "aria-label": "What is shown" }, results(parts), people(parts), views(parts));
}

function views({ header, view }: Parts): HTMLElement {
  const seen = header.results.some(({ lens }) => lens !== null);
  const buttons = PRESETS.filter(([preset]) => preset !== "camera" || seen).map(([preset, text]) => {
    const made = button(text, {}, () => {
      view.change({ preset });
    });
    const show = (): void => {
      made.setAttribute("aria-pressed", String(view.choices.preset === preset));
    };
    view.subscribe(show);
    show();
    return made;
  });
  return element("div", { class: "group", role: "group", "aria-label": "View" }, ...buttons);
}

function people({ results, view, themes }: Parts): HTMLElement {
  const ids = [...new Set(results.flatMap((result) => result.people.map(({ id }) => id)))].sort((a, b) => a - b);
  const chips = ids.map((id) => {
    const made = button(`Person ${id}`, { class: "chip" }, () => {
      view.change({ hiddenPeople: toggled(view.choices.hiddenPeople, id) });
    });
    const show = (): void => {
      made.setAttribute("aria-pressed", String(!view.choices.hiddenPeople.has(id)));
      made.style.setProperty("--own", css(inTurn(themes.theme.people, id)));
    };
    view.subscribe(show);
    themes.subscribe(show);
    show();
    return made;
  });
  return element("div", { class: "group", role: "group", "aria-label": "People" }, ...chips);
}

function results({ results, view, themes }: Parts): HTMLElement {
  const group = element("div", { class: "group", role: "group", "aria-label": "Results" });
  if (results.length < 2) return group;
  results.forEach(({ name }, place) => {
    const made = button(name, { class: "chip" }, () => {
      view.change({ hiddenResults: toggled(view.choices.hiddenResults, place) });
    });
    const show = (): void => {
      made.setAttribute("aria-pressed", String(!view.choices.hiddenResults.has(place)));
      made.style.setProperty("--own", css(inTurn(themes.theme.results, place)));
    };
    view.subscribe(show);
    themes.subscribe(show);
    show();
    group.append(made);
  });
  return group;
}
