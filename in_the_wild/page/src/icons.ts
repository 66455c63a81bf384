// Drawings on buttons, in the colour of their text.
import { button } from "./elements.ts";

const PATHS = {
  play: "M7 4.5v15l12-7.5z",
  pause: "M6 5h4v14H6zM14 5h4v14h-4z",
  back: "M6 5h2.5v14H6zM19 5v14L9.5 12z",
  forward: "M15.5 5H18v14h-2.5zM5 5v14l9.5-7z",
  loopFrom: "M10 4H5v16h5v-2.2H7.2V6.2H10zM13 8v8l6-4z",
  loopTo: "M14 4h5v16h-5v-2.2h2.8V6.2H14zM5 8v8l6-4z",
  loopOff: "M6.4 5 5 6.4 10.6 12 5 17.6 6.4 19l5.6-5.6 5.6 5.6 1.4-1.4-5.6-5.6L19 6.4 17.6 5 12 10.6z",
  measure: "M3 15.5 15.5 3 21 8.5 8.5 21zM7 13.6l1.8 1.8M10 10.6l2.6 2.6M13 7.6l1.8 1.8",
  trail: "M3 18c4 0 4-9 8-9s3 6 6 6 3-5 4-9",
  theme: "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 3-2.5 4 3.5M15.5 9h.1",
  table: "M4 5h16v14H4zM4 10h16M4 14.5h16M10 5v14",
  follow: "M12 7.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM12 2v4M12 18v4M2 12h4M18 12h4",
} as const;
const FILLED = new Set<Icon>(["play", "pause", "back", "forward", "loopFrom", "loopTo", "loopOff"]);

export type Icon = keyof typeof PATHS;

/** A drawing, which says nothing to those who listen: the button has a name. */
export function icon(name: Icon): SVGSVGElement {
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("class", FILLED.has(name) ? "icon filled" : "icon");
  drawing.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name]);
  drawing.append(path);
  return drawing;
}

/** A button with a drawing; `title` says more than its name does. */
export function iconButton(name: Icon, label: string, pressed: () => void, title = label): HTMLButtonElement {
  const made = button("", { "aria-label": label, title }, pressed);
  made.append(icon(name));
  return made;
}
