// One person's body: limbs as capsules, thick as the look says, colours by side or of a result.
//
// A limb that ends in an uncertain joint fades; one of which an end was not seen at all is dashed.
import * as THREE from "three";
import type { Colour, Look, SkeletonHeader, Theme } from "./header.ts";
import { bodyMaterial } from "./materials.ts";

const UP = new THREE.Vector3(0, 1, 0);
const SEGMENTS = 20;

/** How a body is coloured: by the person's sides, or all in one colour beside another result. */
export type Paint = Theme["sides"] | Colour;

interface Limb {
  readonly from: number;
  readonly to: number;
  readonly mesh: THREE.Mesh<THREE.BufferGeometry, THREE.MeshStandardMaterial>;
  readonly colour: THREE.Color;
}

interface Ball {
  readonly joint: number;
  readonly mesh: THREE.Mesh<THREE.BufferGeometry, THREE.MeshStandardMaterial>;
  readonly colour: THREE.Color;
}

export class Figure {
  readonly group = new THREE.Group();
  private limbs: Limb[] = [];
  private balls: Ball[] = [];
  private ground = new THREE.Color();

  constructor(
    private readonly skeleton: SkeletonHeader,
    private readonly look: Look,
  ) {}

  /** Give it its colours; `ground` is what uncertain limbs fade into. */
  paint(paint: Paint, ground: Colour): void {
    this.dispose();
    this.ground = colourOf(ground);
    this.limbs = this.skeleton.edges.map(([from, to]) => this.limb(from, to, paint));
    this.balls = this.skeleton.joints.map((_, joint) => this.ball(joint, paint));
    for (const { mesh } of [...this.limbs, ...this.balls]) {
      mesh.castShadow = true;
      this.group.add(mesh);
    }
  }

  /** Take a pose: (J, 3) metres and (J) scores. */
  pose(points: Float32Array, scores: Float32Array): void {
    const [start, along] = [new THREE.Vector3(), new THREE.Vector3()];
    for (const { from, to, mesh, colour } of this.limbs) {
      start.fromArray(points, 3 * from);
      along.fromArray(points, 3 * to).sub(start);
      const length = along.length();
      mesh.position.copy(start).addScaledVector(along, 0.5);
      mesh.scale.set(1, Math.max(length, 1e-6), 1);
      mesh.quaternion.setFromUnitVectors(UP, along.normalize());
      this.doubt(mesh.material, colour, Math.min(scores[from] ?? 0, scores[to] ?? 0));
    }
    for (const { joint, mesh, colour } of this.balls) {
      mesh.position.fromArray(points, 3 * joint);
      this.doubt(mesh.material, colour, scores[joint] ?? 0);
    }
  }

  dispose(): void {
    for (const { mesh } of [...this.limbs, ...this.balls]) {
      mesh.geometry.dispose();
      mesh.material.dispose();
      this.group.remove(mesh);
    }
  }

  private limb(from: number, to: number, paint: Paint): Limb {
    const head = this.skeleton.joints[to]?.startsWith("head") ?? false;
    const thick = head ? (this.look.radii["chin"] ?? 0.05) : this.radius(from);
    const geometry = new THREE.CylinderGeometry(this.radius(to), thick, 1, SEGMENTS, 1, true);
    const colour = colourOf(painted(paint, this.sideOf(from, to)));
    return { from, to, mesh: new THREE.Mesh(geometry, bodyMaterial(colour)), colour };
  }

  private ball(joint: number, paint: Paint): Ball {
    const geometry = new THREE.SphereGeometry(this.radius(joint), SEGMENTS, SEGMENTS / 2);
    const colour = colourOf(painted(paint, this.skeleton.sides[joint] ?? "middle"));
    return { joint, mesh: new THREE.Mesh(geometry, bodyMaterial(colour)), colour };
  }

  private doubt(material: THREE.MeshStandardMaterial, colour: THREE.Color, score: number): void {
    const faded = Math.min(Math.max(1 - score / this.look.certain, 0), 1);
    material.color.copy(colour).lerp(this.ground, faded * this.look.fadedMost);
  }

  private radius(joint: number): number {
    const name = (this.skeleton.joints[joint] ?? "").replace(/^(left|right)_/, "");
    return this.look.radii[name] ?? this.look.radii["thin"] ?? 0.02;
  }

  private sideOf(from: number, to: number): "left" | "right" | "middle" {
    const sides = [this.skeleton.sides[from], this.skeleton.sides[to]].filter((side) => side !== "middle");
    const [one, other = one] = sides;
    return one !== undefined && one === other ? one : "middle";
  }
}

export function colourOf([red, green, blue]: Colour): THREE.Color {
  return new THREE.Color().setRGB(red / 255, green / 255, blue / 255, THREE.SRGBColorSpace);
}

function painted(paint: Paint, side: "left" | "right" | "middle"): Colour {
  return "left" in paint ? paint[side] : paint;
}
