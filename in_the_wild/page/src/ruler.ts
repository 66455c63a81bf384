// The floor's scale: one metre along a line of the grid, beside the people.
import * as THREE from "three";
import { colourOf } from "./colours.ts";
import type { Look, Theme } from "./header.ts";
import { Label } from "./labels.ts";

const THICK = 0.006;
const TICK = 0.09;

export class Ruler {
  readonly group = new THREE.Group();
  readonly label: Label;
  private readonly material = new THREE.MeshBasicMaterial();

  /**
   * @param corner Where it lies: it begins at the nearest whole metre.
   */
  constructor(corner: THREE.Vector3, look: Look) {
    const bar = (length: number, across: number): THREE.Mesh =>
      new THREE.Mesh(new THREE.BoxGeometry(length, across, 0.004), this.material);
    const ends = [-0.5, 0.5].map((end) => bar(THICK, TICK).translateX(end));
    this.label = new Label("1 m", look);
    this.label.sprite.position.set(0, -0.12, 0);
    this.group.add(bar(1, THICK), ...ends, this.label.sprite);
    this.group.position.set(Math.round(corner.x) + 0.5, Math.round(corner.y), 0.004);
  }

  paint(theme: Theme): void {
    this.material.color.copy(colourOf(theme.quiet));
    this.label.colour(theme.quiet, null);
  }
}
