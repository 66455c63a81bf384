// Dark or light: what the reader's system asks for, until somebody chooses.
import { Listeners } from "./listeners.ts";
import type { Colour, Look, Theme } from "./header.ts";

export type ThemeName = keyof Look["themes"];

export class Themes extends Listeners {
  private chosen: ThemeName | null = null;
  private readonly system = window.matchMedia("(prefers-color-scheme: light)");

  constructor(private readonly look: Look) {
    super();
    this.system.addEventListener("change", () => {
      this.apply();
    });
    this.apply();
  }

  get name(): ThemeName {
    return this.chosen ?? (this.system.matches ? "light" : "dark");
  }

  get theme(): Theme {
    return this.look.themes[this.name];
  }

  /** Take one of them; null takes that of the system. */
  choose(name: ThemeName | null): void {
    this.chosen = name;
    this.apply();
  }

  /** From dark to light, or back. */
  flip(): void {
    this.choose(this.name === "dark" ? "light" : "dark");
  }

  /** The colours as styles know them: --background, --text, ... */
  private apply(): void {
    const root = document.documentElement;
    root.dataset["theme"] = this.name;
    root.style.setProperty("--fonts", this.look.fonts);
    for (const [name, value] of Object.entries(this.theme)) {
      if (isColour(value)) root.style.setProperty(`--${name.replace("_", "-")}`, css(value));
    }
    for (const [side, colour] of Object.entries(this.theme.sides)) root.style.setProperty(`--${side}`, css(colour));
    this.tell();
  }
}

/** A colour as styles write it. */
export function css([red, green, blue]: Colour, opacity = 1): string {
  return `rgb(${red} ${green} ${blue} / ${opacity})`;
}

/** One of several colours, taken in turn. */
export function inTurn(colours: readonly Colour[], place: number): Colour {
  return colours[place % colours.length] ?? [255, 255, 255];
}

/** That of a person; of results that are compared that of the result. */
export function ownColour(theme: Theme, compared: boolean, result: number, person: number): Colour {
  return compared ? inTurn(theme.results, result) : inTurn(theme.people, person);
}

function isColour(value: unknown): value is Colour {
  return Array.isArray(value) && value.length === 3 && value.every((one) => typeof one === "number");
}
