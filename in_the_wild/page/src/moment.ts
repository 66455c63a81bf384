// A moment worth looking at, in words: a button that goes there.
import { button } from "./elements.ts";
import type { Playback } from "./playback.ts";
import { clock } from "./times.ts";
import { amount } from "./words.ts";

/**
 * @param words What a value is there, such as "fastest".
 * @param frame When that is.
 */
export function moment(
  playback: Playback,
  words: string,
  frame: number,
  values: ArrayLike<number>,
  unit: string,
): HTMLButtonElement {
  const text = `${words} ${amount(values[frame] ?? NaN, unit)} at ${clock(playback.times[frame] ?? 0)}`;
  return button(text, { class: "extreme", title: "Go there" }, () => {
    playback.goTo(frame);
  });
}
