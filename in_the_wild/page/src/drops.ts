// Where somebody is over the floor: a line from the hips down to it, and a ring where it ends.
import * as THREE from "three";
import { colourOf } from "./colours.ts";
import type { Colour } from "./header.ts";

const RING = { inner: 0.055, outer: 0.075 };
const THICK = 0.004;

export class Drop {
  readonly group = new THREE.Group();
  private readonly material = new THREE.MeshBasicMaterial({ transparent: true, opacity: 0.75 });
  private readonly line: THREE.Mesh;
  private readonly ring: THREE.Mesh;

  constructor() {
    this.line = new THREE.Mesh(new THREE.CylinderGeometry(THICK, THICK, 1, 6, 1, true).rotateX(Math.PI / 2), this.material);
    this.ring = new THREE.Mesh(new THREE.RingGeometry(RING.inner, RING.outer, 40), this.material);
    this.ring.renderOrder = 2;
    this.group.add(this.line, this.ring);
  }

  colour(colour: Colour): void {
    this.material.color.copy(colourOf(colour));
  }

  /** Hang from a point. */
  place(from: THREE.Vector3): void {
    this.line.position.set(from.x, from.y, from.z / 2);
    this.line.scale.set(1, 1, Math.max(Math.abs(from.z), 1e-6));
    this.ring.position.set(from.x, from.y, 0.003);
  }
}
