// One person of one result in the scene: the body, where it is over the floor, and the label above its head.
import * as THREE from "three";
import type { Paint } from "./colours.ts";
import type { Person, Result } from "./data.ts";
import { Drop } from "./drops.ts";
import { Figure } from "./figure.ts";
import type { Colour, Look, Theme } from "./header.ts";
import { Label } from "./labels.ts";
import { rootOf } from "./named.ts";

/** Metres from the highest joint to the label. */
const ABOVE = 0.2;

export class Body {
  readonly group = new THREE.Group();
  readonly label: Label;
  private readonly figure: Figure;
  private readonly drop = new Drop();
  private readonly root: number;

  constructor(
    /** The result's position among those that are shown. */
    readonly result: number,
    readonly person: Person,
    of: Result,
    look: Look,
  ) {
    this.figure = new Figure(of.skeleton, look, person.size);
    this.label = new Label(String(person.id), look);
    this.root = rootOf(of.skeleton);
    this.group.add(this.figure.group, this.drop.group, this.label.sprite);
  }

  /**
   * @param paint Of the body.
   * @param own The colour of the person's label.
   */
  colour(paint: Paint, own: Colour, theme: Theme): void {
    this.figure.colour(paint, theme);
    this.drop.colour(theme.rim);
    this.label.colour(theme.label, own);
  }

  /** Take a pose, see `Figure.pose`. */
  pose(points: Float32Array, doubts: Float32Array): void {
    this.figure.pose(points, doubts);
    this.drop.place(new THREE.Vector3().fromArray(points, 3 * this.root));
    let highest = -Infinity;
    let [x, y] = [0, 0];
    for (let k = 0; k < points.length; k += 3) {
      if ((points[k + 2] ?? 0) > highest) [x, y, highest] = [points[k] ?? 0, points[k + 1] ?? 0, points[k + 2] ?? 0];
    }
    this.label.sprite.position.set(x, y, highest + ABOVE * this.person.size);
  }

  /** Whether the line to the floor, and the label, are shown. */
  show(drop: boolean, label: boolean): void {
    this.drop.group.visible = drop;
    this.label.sprite.visible = label;
  }
}
