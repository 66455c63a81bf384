// What is not to be trusted, and when: marks above the timeline that say why, and go there.
import { button, element } from "./elements.ts";
import type { CautionHeader } from "./header.ts";
import type { Parts } from "./scene.ts";
import { frameAt } from "./times.ts";

const NEAREST = 0.4; // percent of the timeline between two marks in a row

/** A mark: from where to where, in percent of the timeline. */
interface Mark {
  readonly result: number;
  readonly caution: CautionHeader;
  readonly from: number;
  readonly to: number;
}

/**
 * All cautions of a page as buttons; those that overlap stand in rows.
 *
 * @param share Where a moment is on the timeline, in percent, by its seconds.
 */
export function cautionsOf(parts: Parts, share: (seconds: number) => number): HTMLElement {
  const marks = parts.results.flatMap(({ header }, result) =>
    header.cautions.map((caution): Mark => ({ result, caution, from: share(caution.from), to: share(caution.to) })),
  );
  const rows = inRows(marks);
  const list = element("ul", { class: "cautions", "aria-label": "Cautions: what not to trust, and when" });
  list.append(...rows.flatMap((row, at) => row.map((mark) => markOf(parts, mark, at))));
  list.style.setProperty("--rows", String(rows.length));
  list.hidden = rows.length === 0;
  return list;
}

function markOf({ playback, results, view }: Parts, { result, caution, from, to }: Mark, row: number): HTMLElement {
  const { person, joints } = caution;
  const said = results.length > 1 ? `${results[result]?.name ?? ""}: ${caution.said}` : caution.said;
  const go = (): void => {
    playback.goTo(frameAt(playback.times, caution.from));
    const [joint] = joints;
    if (person !== null && joint !== undefined) view.change({ selected: [{ result, person, joint }], measuring: false });
  };
  const item = element("li", {}, button("", { "aria-label": said, title: said }, go));
  Object.assign(item.style, { left: `${from}%`, width: `max(8px, ${to - from}%)`, top: `calc(${row} * var(--row))` });
  return item;
}

/** Marks row by row, each in the first row that has room for it. */
function inRows(marks: readonly Mark[]): Mark[][] {
  const rows: Mark[][] = [];
  for (const mark of [...marks].sort((a, b) => a.from - b.from)) {
    const free = rows.find((row) => (row.at(-1)?.to ?? -Infinity) + NEAREST < mark.from);
    if (free === undefined) rows.push([mark]);
    else free.push(mark);
  }
  return rows;
}
