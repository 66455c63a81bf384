// What is chosen to be seen: whom, from where, with which trails, and which joints are marked.
//
// It knows nothing about how it is drawn.
import { Listeners } from "./listeners.ts";

/** Where the scene is seen from: freely, straight on, or as the video's own camera. */
export type Preset = "free" | "front" | "side" | "top" | "camera";

/** What is plotted of a joint. */
export type Quantity = "angle" | "speed" | "position" | "error";

/** A joint of somebody in one of the results. */
export interface JointOf {
  readonly result: number;
  readonly person: number;
  readonly joint: number;
}

export interface Choices {
  readonly hiddenPeople: ReadonlySet<number>;
  readonly hiddenResults: ReadonlySet<number>;
  /** Whom the camera goes along with. */
  readonly followed: number | null;
  readonly preset: Preset;
  /** Joints, by name, whose paths are drawn. */
  readonly trails: ReadonlySet<string>;
  /** Joints that are marked, in the order in which they were. */
  readonly selected: readonly JointOf[];
  /** Whether joints are marked one after the other, to be measured between. */
  readonly measuring: boolean;
  readonly quantity: Quantity;
}

export class View extends Listeners {
  private now: Choices = {
    hiddenPeople: new Set(),
    hiddenResults: new Set(),
    followed: null,
    preset: "free",
    trails: new Set(),
    selected: [],
    measuring: false,
    quantity: "angle",
  };

  get choices(): Choices {
    return this.now;
  }

  /** Choose otherwise in some points. */
  change(changes: Partial<Choices>): void {
    this.now = { ...this.now, ...changes };
    this.tell();
  }
}

/** A set with one of its values put in or taken out. */
export function toggled<T>(set: ReadonlySet<T>, value: T): ReadonlySet<T> {
  const copy = new Set(set);
  if (!copy.delete(value)) copy.add(value);
  return copy;
}
