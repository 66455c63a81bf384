// One pose, joint by joint and by name.
import * as THREE from "three";
import type { SkeletonHeader } from "./header.ts";

/** The joint that the others hang from. */
export function rootOf({ parents }: SkeletonHeader): number {
  return Math.max(0, parents.indexOf(-1));
}

export class NamedJoints {
  /** @param points (J, 3) metres. */
  constructor(
    private readonly skeleton: SkeletonHeader,
    private readonly points: Float32Array,
  ) {}

  /** A joint's place; null for one that the skeleton lacks. */
  at(name: string): THREE.Vector3 | null {
    const joint = this.skeleton.joints.indexOf(name);
    return joint < 0 ? null : new THREE.Vector3().fromArray(this.points, 3 * joint);
  }

  /** The middle of two joints. */
  between(one: string, other: string): THREE.Vector3 | null {
    const [a, b] = [this.at(one), this.at(other)];
    return a === null || b === null ? null : a.lerp(b, 0.5);
  }
}
