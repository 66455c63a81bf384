// The paths that joints have come along: lines that fade into the past.
import * as THREE from "three";
import { Line2 } from "three/examples/jsm/lines/Line2.js";
import { LineGeometry } from "three/examples/jsm/lines/LineGeometry.js";
import { LineMaterial } from "three/examples/jsm/lines/LineMaterial.js";
import { mixed } from "./colours.ts";
import type { Result } from "./data.ts";
import type { Body } from "./body.ts";
import type { Colour, Theme } from "./header.ts";
import type { Choices } from "./view.ts";

/** Seconds that a trail is long. */
const LONG = 2;
/** Of how many points it is made at most. */
const POINTS = 90;

/** What is drawn of people, whose trails must fit to it. */
export interface Drawn {
  /** The frame of a result that is shown. */
  readonly frameOf: (result: number) => number;
  /** Somebody's joints in a frame, (J, 3) metres; null where he is not seen. */
  readonly pointsOf: (body: Body, frame: number) => Float32Array | null;
  /** Of somebody's trails. */
  readonly colourOf: (body: Body) => Colour;
}

class Trail {
  readonly line: Line2;
  private readonly material = new LineMaterial({ linewidth: 3, vertexColors: true });

  /** The path of one joint of one person. */
  constructor(
    private readonly result: Result,
    private readonly body: Body,
    private readonly joint: number,
  ) {
    this.line = new Line2(new LineGeometry(), this.material);
    this.line.frustumCulled = false;
  }

  /** Show how it came to be where it is. */
  place(drawn: Drawn, ground: Colour): void {
    const frame = drawn.frameOf(this.body.result);
    const colour = drawn.colourOf(this.body);
    const first = this.result.frameAt((this.result.times[frame] ?? 0) - LONG);
    const step = Math.max(1, Math.ceil((frame - first) / POINTS));
    const [places, colours]: [number[], number[]] = [[], []];
    for (let at = frame; at >= first; at -= step) {
      const points = drawn.pointsOf(this.body, at);
      if (points === null) break;
      places.push(...points.subarray(3 * this.joint, 3 * this.joint + 3));
      colours.push(...mixed(colour, ground, (frame - at) / Math.max(1, frame - first)).toArray());
    }
    this.line.visible = places.length >= 6;
    this.line.position.copy(this.body.group.position);
    if (!this.line.visible) return;
    this.line.geometry.dispose();
    this.line.geometry = new LineGeometry().setPositions(places).setColors(colours);
  }

  dispose(): void {
    this.line.geometry.dispose();
    this.material.dispose();
  }
}

/** The trails of all joints that are chosen, of everybody who is shown. */
export class Trails {
  readonly group = new THREE.Group();
  private readonly all = new Map<string, Trail>();

  constructor(private readonly results: readonly Result[]) {}

  place({ trails }: Choices, bodies: readonly Body[], theme: Theme, drawn: Drawn): void {
    const wanted = new Set<string>();
    for (const body of trails.size === 0 ? [] : bodies.filter(({ group }) => group.visible)) {
      for (const name of trails) {
        const key = `${body.result} ${body.person.id} ${name}`;
        const trail = this.all.get(key) ?? this.added(key, body, name);
        if (trail === null) continue;
        wanted.add(key);
        trail.place(drawn, theme.background);
      }
    }
    for (const [key, trail] of this.all) if (!wanted.has(key)) this.remove(key, trail);
  }

  private added(key: string, body: Body, name: string): Trail | null {
    const result = this.results[body.result];
    const joint = result?.skeleton.joints.indexOf(name) ?? -1;
    if (result === undefined || joint < 0) return null;
    const trail = new Trail(result, body, joint);
    this.all.set(key, trail);
    this.group.add(trail.line);
    return trail;
  }

  private remove(key: string, trail: Trail): void {
    this.all.delete(key);
    this.group.remove(trail.line);
    trail.dispose();
  }
}
