// What is seen, and from where: the views, the people, the results.
import { button, element } from "./elements.ts";
import { iconButton } from "./icons.ts";
import type { Parts } from "./scene.ts";
import { css, inTurn } from "./themes.ts";
import { toggled } from "./view.ts";
import type { Preset } from "./view.ts";
import { capital } from "./words.ts";

/** From where this page's scene can be seen. */
export function presetsOf({ header }: Parts): readonly Preset[] {
  const seen = header.results.some(({ lens }) => lens !== null);
  return seen ? ["free", "front", "side", "top", "camera"] : ["free", "front", "side", "top"];
}

/** Which results and people are shown, and with whom the scene goes along. */
export function chooser(parts: Parts): HTMLElement {
  return element("nav", { class: "chooser", "aria-label": "What is shown" }, results(parts), people(parts));
}

/** From where the scene is seen. */
export function views(parts: Parts): HTMLElement {
  const { header, view } = parts;
  const lens = header.results.find((result) => result.lens !== null)?.lens?.source ?? "";
  const buttons = presetsOf(parts).map((preset) => {
    const title = preset === "camera" && lens !== "" ? `As the video's camera saw it: ${lens}` : "";
    const made = button(capital(preset), title === "" ? {} : { title }, () => {
      view.change({ preset });
    });
    const show = (): void => {
      made.setAttribute("aria-pressed", String(view.choices.preset === preset));
    };
    view.subscribe(show);
    show();
    return made;
  });
  return element("div", { class: "group views", role: "group", "aria-label": "View" }, ...buttons);
}

function people(parts: Parts): HTMLElement {
  const { results, view, themes } = parts;
  const ids = [...new Set(results.flatMap((result) => result.people.map(({ id }) => id)))].sort((a, b) => a - b);
  const chips = ids.map((id) => {
    const made = button(`Person ${id}`, { class: "chip", title: "Show or hide" }, () => {
      view.change({ hiddenPeople: toggled(view.choices.hiddenPeople, id) });
    });
    const toggle = (): void => {
      view.change({ followed: view.choices.followed === id ? null : id });
    };
    const follow = iconButton("follow", `Follow person ${id}`, toggle, "Go along with this person");
    follow.classList.add("follow");
    const show = (): void => {
      made.setAttribute("aria-pressed", String(!view.choices.hiddenPeople.has(id)));
      follow.setAttribute("aria-pressed", String(view.choices.followed === id));
      made.style.setProperty("--own", css(inTurn(themes.theme.people, id)));
    };
    view.subscribe(show);
    themes.subscribe(show);
    show();
    return element("div", { class: "person" }, ...(ids.length > 1 ? [made] : []), follow);
  });
  return element("div", { class: "group", role: "group", "aria-label": "People" }, ...chips);
}

function results({ results, view, themes }: Parts): HTMLElement {
  const group = element("div", { class: "group", role: "group", "aria-label": "Results" });
  if (results.length < 2) return group;
  results.forEach(({ name }, place) => {
    const made = button(name, { class: "chip", title: "Show or hide" }, () => {
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
