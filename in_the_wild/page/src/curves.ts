// What one joint does over time, or several together: path, speed, angle, distance. The formulas are those of
// in_the_wild/measures, where Python measures the same.
//
// It knows nothing about what is drawn. What is not known is NaN.
import type { Result } from "./data.ts";

/** A joint's place in every frame: (T, 3) metres in the world, z up; NaN where it was not seen. */
export type Path = Float64Array;

/** The frame with the least value and that with the most. */
export interface Extremes {
  readonly least: number;
  readonly most: number;
}

const SHORTEST = 1e-6; // metres; a bone of no length has no direction

/** The path of a joint of somebody; what is not decoded yet counts as not seen. */
export function pathOf(result: Result, person: number, joint: number): Path {
  const path: Path = new Float64Array(3 * result.frames).fill(NaN);
  for (const [first, last] of result.people.find(({ id }) => id === person)?.spans ?? []) {
    for (let frame = first; frame <= last; frame++) {
      if ((result.scores(person, frame)?.[joint] ?? 0) <= 0) continue;
      const pose = result.pose(person, frame);
      if (pose !== null) path.set(pose.subarray(3 * joint, 3 * joint + 3), 3 * frame);
    }
  }
  return path;
}

/** One coordinate of a path: 0 is x, 1 is y, 2 is the height above the floor. */
export function coordinateOf(path: Path, axis: 0 | 1 | 2): Float64Array {
  return Float64Array.from({ length: path.length / 3 }, (_, frame) => path[3 * frame + axis] ?? NaN);
}

/**
 * Metres a second, in whatever direction: central differences that are exact for parabolas, whatever the frames' times,
 * as numpy.gradient takes them.
 */
export function speedOf(path: Path, times: ArrayLike<number>): Float64Array {
  const count = path.length / 3;
  return Float64Array.from({ length: count }, (_, frame) => {
    const [before, after] = [Math.max(0, frame - 1), Math.min(count - 1, frame + 1)];
    if (before === after) return NaN;
    const earlier = at(times, frame) - at(times, before);
    const later = at(times, after) - at(times, frame);
    const slope = (axis: number): number => {
      const [a, b, c] = [at(path, 3 * before + axis), at(path, 3 * frame + axis), at(path, 3 * after + axis)];
      if (earlier === 0) return (c - b) / later;
      if (later === 0) return (b - a) / earlier;
      const rising = (c - b) / later;
      return rising + (((b - a) / earlier - rising) * later) / (earlier + later);
    };
    return Math.hypot(slope(0), slope(1), slope(2));
  });
}

/** Degrees by which the second of two bones is bent out of the first one's direction, 0 where they are in line. */
export function bendOf(upper: Path, middle: Path, lower: Path): Float64Array {
  return Float64Array.from({ length: middle.length / 3 }, (_, frame) => {
    const [first, second] = [between(upper, middle, frame), between(middle, lower, frame)];
    if (!(Math.hypot(...first) > SHORTEST && Math.hypot(...second) > SHORTEST)) return NaN;
    const [a, b, c] = first;
    const [d, e, f] = second;
    // The arctangent is exact near 0 and 180, where the cosine hardly changes.
    const degrees = Math.atan2(Math.hypot(b * f - c * e, c * d - a * f, a * e - b * d), a * d + b * e + c * f);
    return (degrees * 180) / Math.PI;
  });
}

/** The same of three joints of somebody, the angle's own in the middle. */
export function hingeOf(result: Result, person: number, joints: readonly [number, number, number]): Float64Array {
  const [upper, middle, lower] = joints;
  return bendOf(pathOf(result, person, upper), pathOf(result, person, middle), pathOf(result, person, lower));
}

/** Millimetres by which a joint of somebody is expected to be off. */
export function errorOf(result: Result, person: number, joint: number): Float64Array {
  return Float64Array.from({ length: result.frames }, (_, frame) => result.errors(person, frame)?.[joint] ?? NaN);
}

/** Metres between two joints. */
export function distanceOf(one: Path, other: Path): Float64Array {
  return Float64Array.from({ length: one.length / 3 }, (_, frame) => Math.hypot(...between(one, other, frame)));
}

/** Where values are least and most within some frames, both ends included; null where none is known. */
export function extremesOf(values: ArrayLike<number>, first: number, last: number): Extremes | null {
  let [least, most] = [-1, -1];
  for (let frame = first; frame <= last; frame++) {
    if (Number.isNaN(at(values, frame))) continue;
    if (least < 0 || at(values, frame) < at(values, least)) least = frame;
    if (most < 0 || at(values, frame) > at(values, most)) most = frame;
  }
  return least < 0 ? null : { least, most };
}

function between(one: Path, other: Path, frame: number): [number, number, number] {
  const axis = (which: number): number => at(other, 3 * frame + which) - at(one, 3 * frame + which);
  return [axis(0), axis(1), axis(2)];
}

function at(values: ArrayLike<number>, index: number): number {
  return values[index] ?? NaN;
}
