// A limb: thick as the look says at both ends, round at both; dashed and thin where an end is uncertain, and a thin row
// of dots where nobody saw one.
import * as THREE from "three";
import { BodyMaterial } from "./materials.ts";

const UP = new THREE.Vector3(0, 1, 0);
const SEGMENTS = 24;
/** The shares of its thickness that an uncertain limb keeps, and one that nobody saw. */
const THINNED = 0.6;
const DOTTED = 0.35;
/** How long a dash is with the gap after it, and a dot, in half thicknesses of the limb. */
const DASH = 3.2;
const DOT = 2.4;

export class Limb {
  readonly group = new THREE.Group();
  private readonly material = new BodyMaterial();
  private readonly round = new BodyMaterial();
  private readonly thick: number;
  private readonly cone: THREE.Mesh;
  private readonly ends: readonly THREE.Mesh[];
  private readonly along = new THREE.Vector3();

  /**
   * @param from Half its thickness where it begins, in metres.
   * @param to The same where it ends.
   */
  constructor(from: number, to: number) {
    this.cone = new THREE.Mesh(new THREE.CylinderGeometry(to, from, 1, SEGMENTS, 1, true), this.material);
    this.thick = Math.min(from, to);
    this.ends = [from, to].map((radius) => new THREE.Mesh(new THREE.SphereGeometry(radius, SEGMENTS, 16), this.round));
    for (const mesh of [this.cone, ...this.ends]) {
      mesh.castShadow = true;
      this.group.add(mesh);
    }
  }

  /**
   * @param doubt How little is known of it, from 0 to 1; above 0 it is dashed, at 1 dots.
   */
  place(start: THREE.Vector3, end: THREE.Vector3, colour: THREE.Color, doubt: number): void {
    this.along.copy(end).sub(start);
    const length = Math.max(this.along.length(), 1e-6);
    const [thin, piece] = doubt === 0 ? [1, Infinity] : doubt < 1 ? [THINNED, DASH] : [DOTTED, DOT];
    this.cone.position.copy(start).addScaledVector(this.along, 0.5);
    this.cone.scale.set(thin, length, thin);
    this.cone.quaternion.setFromUnitVectors(UP, this.along.divideScalar(length));
    this.ends[0]?.position.copy(start);
    this.ends[1]?.position.copy(end);
    for (const one of this.ends) one.scale.setScalar(thin);
    this.material.color.copy(colour);
    this.round.color.copy(colour);
    this.material.cut = doubt > 0 ? Math.max(2, Math.round(length / (piece * this.thick))) : 0;
  }
}
