// What the results rest on, and what went wrong, in words.
import { element } from "./elements.ts";
import type { Header } from "./header.ts";
import { capital } from "./words.ts";

/** A list that opens at a click, where there is something to say; warnings stand first. */
export function notes(header: Header): HTMLElement {
  const warnings = [...new Set(header.results.flatMap((result) => result.warnings))];
  const assumptions = [...new Set(header.results.flatMap((result) => result.assumptions))];
  const several = warnings.length > 0 ? `${warnings.length} warning${warnings.length > 1 ? "s" : ""}, and ` : "";
  const lines = [
    ...warnings.map((text) => element("li", { class: "warning" }, text)),
    ...assumptions.map((text) => element("li", {}, text)),
  ];
  const title = element("summary", {}, capital(`${several}what this rests on`));
  const list = element("details", { class: "notes" }, title, element("ul", {}, ...lines));
  list.hidden = lines.length === 0;
  return list;
}
