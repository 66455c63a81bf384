// What one does with a page besides looking: save what is seen, save numbers, turn the light on and off; and by which
// keys all of it is done.
import { changeSpeed, loopFrom, loopTo } from "./controls.ts";
import { button, element } from "./elements.ts";
import { pictureOf, save, tableOf } from "./exports.ts";
import type { Layers } from "./exports.ts";
import { iconButton } from "./icons.ts";
import type { Binding } from "./keyboard.ts";
import type { Parts } from "./scene.ts";
import { css } from "./themes.ts";
import type { Preset } from "./view.ts";

export class Actions {
  /** Says what was done to those who listen, and shows it for a while. */
  readonly said = element("p", { class: "said", role: "status" });
  private silence = 0;

  /** @param layers What is seen at this moment, drawn anew. */
  constructor(
    private readonly parts: Parts,
    private readonly layers: () => Omit<Layers, "background">,
  ) {}

  async savePicture(): Promise<void> {
    const { playback, themes } = this.parts;
    const { file, hasVideo } = await pictureOf({ ...this.layers(), background: css(themes.theme.background) });
    const name = `${this.stem}_${playback.time.toFixed(2)}s.png`;
    save(file, name);
    const without = hasVideo || this.layers().video === null ? "" : ", without the video: browsers keep files beside a page from it";
    this.say(`Saved ${name}${without}.`);
  }

  /** The looped stretch, or all, of the people that are seen in the chosen result. */
  async saveTable(): Promise<void> {
    const { playback, results, view } = this.parts;
    const result = results[view.choices.selected[0]?.result ?? 0];
    if (result === undefined) return;
    const stretch = playback.loop ?? [0, playback.frames - 1];
    const [first, last] = stretch.map((frame) => result.frameAt(playback.times[frame] ?? 0)) as [number, number];
    await result.load(first, last);
    const people = result.people.map(({ id }) => id).filter((id) => !view.choices.hiddenPeople.has(id));
    const seconds = stretch.map((frame) => (playback.times[frame] ?? 0).toFixed(2)).join("-");
    const name = `${results.length > 1 ? result.name : this.stem}_${seconds}s.csv`;
    save(new Blob([tableOf(result, people, [first, last])], { type: "text/csv" }), name);
    this.say(`Saved ${name}.`);
  }

  say(words: string): void {
    this.said.textContent = words;
    clearTimeout(this.silence);
    this.silence = setTimeout(() => {
      this.said.textContent = "";
    }, 5000);
  }

  /** The buttons at the top. */
  buttons(help: () => void): HTMLElement {
    const group = element("div", { class: "group actions", role: "group", "aria-label": "Page" });
    group.append(
      iconButton("picture", "Save what is seen as a picture (P)", () => void this.savePicture()),
      iconButton("table", "Save the poses of the looped stretch, or all, as a table, CSV (C)", () => void this.saveTable()),
      iconButton("theme", "Dark or light (D)", () => {
        this.parts.themes.flip();
      }),
      button("?", { "aria-label": "Keys (?)", title: "Keys (?)" }, help),
    );
    return group;
  }

  private get stem(): string {
    return this.parts.header.video.name.replace(/\.[^.]*$/, "") || "pose3d";
  }
}

/** All that keys do. */
export function bindingsOf(
  { playback, view, themes }: Parts,
  actions: Actions,
  presets: readonly Preset[],
  opened: { readonly trail: () => void; readonly help: () => void },
): readonly Binding[] {
  const second = Math.max(1, Math.round((playback.frames - 1) / Math.max(1e-3, (playback.times.at(-1) ?? 0) - (playback.times[0] ?? 0))));
  const key = (keys: string, shown: string, does: string, run: () => void): Binding => ({ keys: keys.split(" "), shown, does, run });
  return [
    { keys: [" "], shown: "Space", does: "play, pause", run: () => { playback.toggle(); } },
    key("ArrowLeft", "←", "a frame back", () => { playback.step(-1); }),
    key("ArrowRight", "→", "a frame forward", () => { playback.step(1); }),
    key("Shift+ArrowLeft PageUp", "Shift+←", "a second back", () => { playback.step(-second); }),
    key("Shift+ArrowRight PageDown", "Shift+→", "a second forward", () => { playback.step(second); }),
    key("Home", "Home", "to the beginning", () => { playback.step(-playback.frames); }),
    key("End", "End", "to the end", () => { playback.step(playback.frames); }),
    key("-", "−", "slower", () => { changeSpeed(playback, -1); }),
    key("+ =", "+", "faster", () => { changeSpeed(playback, 1); }),
    key("[", "[", "loop from here", () => { loopFrom(playback); }),
    key("]", "]", "loop to here", () => { loopTo(playback); }),
    key("Backspace", "⌫", "play all", () => { playback.setLoop(null); }),
    ...presets.map((preset, at) => key(String(at + 1), String(at + 1), `view: ${preset}`, () => { view.change({ preset }); })),
    key("m", "M", "measure: two joints' distance, three joints' angle", () => { view.change({ measuring: !view.choices.measuring }); }),
    key("t", "T", "the chosen joint's trail", opened.trail),
    key("Escape", "Esc", "choose no joint", () => { view.change({ selected: [], measuring: false }); }),
    key("p", "P", "save a picture", () => void actions.savePicture()),
    key("c", "C", "save a table", () => void actions.saveTable()),
    key("d", "D", "dark or light", () => { themes.flip(); }),
    key("?", "?", "these keys", opened.help),
  ];
}
