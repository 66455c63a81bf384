// Play, scrub and choose the speed.
import { button, element } from "./elements.ts";
import type { Playback } from "./playback.ts";
import { clock } from "./times.ts";

const SPEEDS = [0.1, 0.25, 0.5, 1, 2];

/** The bar below the pictures. */
export function controls(playback: Playback): HTMLElement {
  const play = button("▶", { class: "play", "aria-label": "Play" }, () => {
    playback.toggle();
  });
  const scrubber = element("input", {
    type: "range", min: "0", max: String(playback.frames - 1), step: "1", "aria-label": "Moment",
  });
  scrubber.addEventListener("input", () => {
    playback.seek(scrubber.valueAsNumber);
  });
  const time = element("output", { class: "time" });
  const speed = element("select", { "aria-label": "Speed" });
  for (const one of SPEEDS) speed.append(element("option", { value: String(one) }, `${one}×`));
  speed.value = "1";
  speed.addEventListener("change", () => {
    playback.setSpeed(Number(speed.value));
  });
  const show = (): void => {
    play.textContent = playback.playing ? "❚❚" : "▶";
    play.setAttribute("aria-label", playback.playing ? "Pause" : "Play");
    scrubber.value = String(playback.frame);
    time.textContent = `${clock(playback.time)} / ${clock(playback.times.at(-1) ?? 0)}`;
  };
  playback.subscribe(show);
  show();
  return element("footer", { class: "controls" }, play, scrubber, time, speed);
}
