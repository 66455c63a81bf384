// One person's body: limbs, a torso and a head that looks somewhere, in the colours of sides or of a result.
//
// A limb that ends in an uncertain joint fades and is dashed; one that ends where nobody saw a joint is dots.
import * as THREE from "three";
import { colourOf, mixed, painted } from "./colours.ts";
import type { Paint } from "./colours.ts";
import { Head, headOf } from "./head.ts";
import type { Look, Side, SkeletonHeader, Theme } from "./header.ts";
import { NamedJoints } from "./named.ts";
import { Limb } from "./limb.ts";
import { Torso } from "./torso.ts";

const HEAD_JOINT = /head|nose|eye|ear|mouth|face/;
/** Share of the floor's colour in a torso, so that limbs before it stand out. */
const TORSO_DIMMED = 0.3;

interface Drawn {
  readonly from: number;
  readonly to: number;
  readonly side: Side;
  readonly limb: Limb;
}

export class Figure {
  readonly group = new THREE.Group();
  private readonly limbs: readonly Drawn[];
  private readonly torso: Torso | null;
  private readonly head: Head | null;
  private paint: Paint = [255, 255, 255];
  private theme: Theme;

  /** @param size How large the person is, 1 for a grown one. */
  constructor(
    private readonly skeleton: SkeletonHeader,
    private readonly look: Look,
    private readonly size: number,
  ) {
    this.theme = look.themes.dark;
    const has = (name: string): boolean => skeleton.joints.includes(name);
    const whole = ["left_shoulder", "right_shoulder", "left_hip", "right_hip"].every(has);
    this.torso = whole ? new Torso(size) : null;
    const pose = new NamedJoints(skeleton, new Float32Array(3 * skeleton.joints.length));
    this.head = headOf(pose) === null ? null : new Head(size);
    this.limbs = skeleton.edges.filter((edge) => !this.within(edge)).map(([from, to]) => this.limb(from, to));
    if (this.torso !== null) this.group.add(this.torso.mesh);
    if (this.head !== null) this.group.add(this.head.group);
    this.group.add(...this.limbs.map(({ limb }) => limb.group));
  }

  /** Give it its colours, which show at the next pose. */
  colour(paint: Paint, theme: Theme): void {
    this.paint = paint;
    this.theme = theme;
  }

  /** Take a pose: (J, 3) metres, and (J) how little each joint is to be trusted, see doubt.ts. */
  pose(points: Float32Array, doubts: Float32Array): void {
    const [start, end] = [new THREE.Vector3(), new THREE.Vector3()];
    for (const { from, to, side, limb } of this.limbs) {
      start.fromArray(points, 3 * from);
      end.fromArray(points, 3 * to);
      const doubt = Math.max(doubts[from] ?? 1, doubts[to] ?? 1);
      limb.place(start, end, this.faded(side, doubt), doubt);
    }
    const joints = new NamedJoints(this.skeleton, points);
    this.placeTorso(joints, doubts);
    const head = headOf(joints);
    if (head !== null) this.head?.place(head, this.faded("middle", this.doubtOfHead(doubts)), colourOf(this.theme.background));
  }

  private placeTorso(joints: NamedJoints, doubts: Float32Array): void {
    const [leftShoulder, rightShoulder] = [joints.at("left_shoulder"), joints.at("right_shoulder")];
    const [leftHip, rightHip] = [joints.at("left_hip"), joints.at("right_hip")];
    if (!leftShoulder || !rightShoulder || !leftHip || !rightHip) return;
    const ends = ["left_shoulder", "right_shoulder", "left_hip", "right_hip"];
    const doubt = Math.max(...ends.map((name) => doubts[this.skeleton.joints.indexOf(name)] ?? 1));
    const colour = mixed(painted(this.paint, "middle"), this.theme.floor, TORSO_DIMMED);
    colour.lerp(colourOf(this.theme.floor), this.look.fadedMost * doubt);
    this.torso?.place({ leftShoulder, rightShoulder, leftHip, rightHip, spine: joints.at("spine") }, colour);
  }

  /** Whether the head or the torso is drawn in place of this line. */
  private within([from, to]: readonly [number, number]): boolean {
    const names = [this.skeleton.joints[from] ?? "", this.skeleton.joints[to] ?? ""];
    const head = (name: string): boolean => HEAD_JOINT.test(name) || (name === "neck" && this.has("thorax"));
    if (this.head !== null && names.some(head)) return true;
    const trunk = /^(pelvis|spine|belly|thorax|neck|left_hip|right_hip|left_shoulder|right_shoulder)$/;
    return this.torso !== null && names.every((name) => trunk.test(name));
  }

  private has(name: string): boolean {
    return this.skeleton.joints.includes(name);
  }

  private limb(from: number, to: number): Drawn {
    return { from, to, side: this.sideOf(from, to), limb: new Limb(this.radius(from), this.radius(to)) };
  }

  private faded(side: Side, doubt: number): THREE.Color {
    return mixed(painted(this.paint, side), this.theme.floor, this.look.fadedMost * doubt);
  }

  private doubtOfHead(doubts: Float32Array): number {
    const own = this.skeleton.joints.flatMap((name, joint) => (HEAD_JOINT.test(name) ? [doubts[joint] ?? 1] : []));
    return own.length === 0 ? 0 : Math.min(...own);
  }

  private radius(joint: number): number {
    const name = (this.skeleton.joints[joint] ?? "").replace(/^(left|right)_/, "");
    return this.size * (this.look.radii[name] ?? this.look.radii["thin"] ?? 0.02);
  }

  private sideOf(from: number, to: number): Side {
    const sides = [this.skeleton.sides[from], this.skeleton.sides[to]].filter((side) => side !== "middle");
    const [one, other = one] = sides;
    return one !== undefined && one === other ? one : "middle";
  }
}
