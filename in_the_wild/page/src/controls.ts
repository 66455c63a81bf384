// Play, go frame by frame, choose the speed and the stretch that is looped.
import { element } from "./elements.ts";
import { icon, iconButton } from "./icons.ts";
import type { Playback } from "./playback.ts";
import { clock } from "./times.ts";

const SPEEDS = [0.1, 0.25, 0.5, 1, 2];

/** The bar below the pictures. */
export function controls(playback: Playback): HTMLElement {
  const play = iconButton("play", "Play", () => {
    playback.toggle();
  });
  play.classList.add("play");
  const back = iconButton("back", "Frame back", () => {
    playback.step(-1);
  });
  const forward = iconButton("forward", "Frame forward", () => {
    playback.step(1);
  });
  const time = element("span", { class: "time" });
  const show = (): void => {
    const name = playback.playing ? "Pause" : "Play";
    if (play.getAttribute("aria-label") !== name) {
      play.setAttribute("aria-label", name);
      play.replaceChildren(icon(playback.playing ? "pause" : "play"));
    }
    const end = playback.times.at(-1) ?? 0;
    time.replaceChildren(
      element("b", {}, clock(playback.time)),
      element("span", { class: "end" }, `of ${clock(end)}, frame ${playback.frame} of ${playback.frames}`),
    );
  };
  playback.subscribe(show);
  show();
  const moving = element("div", { class: "group", role: "group", "aria-label": "Playing" }, back, play, forward);
  return element("footer", { class: "controls" }, moving, time, speeds(playback), loops(playback));
}

/** Slower or faster by so many of the usual speeds. */
export function changeSpeed(playback: Playback, by: number): void {
  const at = SPEEDS.indexOf(playback.speed) + by;
  playback.setSpeed(SPEEDS[Math.min(Math.max(at, 0), SPEEDS.length - 1)] ?? 1);
}

/** Loop from the frame that is shown, or up to it; what was the other end stays where that is possible. */
export function loopFrom(playback: Playback): void {
  const last = playback.loop?.[1] ?? playback.frames - 1;
  playback.setLoop([playback.frame, last > playback.frame ? last : playback.frames - 1]);
}

export function loopTo(playback: Playback): void {
  const first = playback.loop?.[0] ?? 0;
  playback.setLoop([first < playback.frame ? first : 0, playback.frame]);
}

function speeds(playback: Playback): HTMLElement {
  const speed = element("select", { "aria-label": "Speed", title: "Speed" });
  for (const one of SPEEDS) speed.append(element("option", { value: String(one) }, `${one}×`));
  speed.addEventListener("change", () => {
    playback.setSpeed(Number(speed.value));
  });
  const show = (): void => {
    speed.value = String(playback.speed);
  };
  playback.subscribe(show);
  show();
  return speed;
}

function loops(playback: Playback): HTMLElement {
  const off = iconButton("loopOff", "Play all", () => {
    playback.setLoop(null);
  });
  const words = element("span", { class: "loop-words", role: "status" });
  const show = (): void => {
    const { loop, times } = playback;
    off.hidden = loop === null;
    const said = loop === null ? "" : `looping ${clock(times[loop[0]] ?? 0)} to ${clock(times[loop[1]] ?? 0)}`;
    if (words.textContent !== said) words.textContent = said;
  };
  playback.subscribe(show);
  show();
  const from = iconButton("loopFrom", "Loop from here", () => {
    loopFrom(playback);
  });
  const to = iconButton("loopTo", "Loop to here", () => {
    loopTo(playback);
  });
  return element("div", { class: "group", role: "group", "aria-label": "Loop" }, from, to, off, words);
}
