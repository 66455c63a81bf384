// How far a joint is to be trusted at a moment: as a number that figures are drawn by, and in words.
//
// in_the_wild/look.py says the same for films.
import type { Result } from "./data.ts";
import type { Look } from "./header.ts";
import type { JointOf } from "./view.ts";

/** Scores of a page are whole steps; what differs by less is the same. */
const HALF_A_STEP = 0.005;

/**
 * How little a joint is to be trusted, from 0, certain, to 1, never seen.
 *
 * @param error Millimetres by which it is expected to be off; null where that is not known, and its score alone counts.
 */
export function doubtOf(look: Look, score: number, error: number | null): number {
  if (score < look.unseen + HALF_A_STEP) return 1;
  const { certain, certainMillimetres, lostMillimetres } = look;
  const off = error === null ? 1 - score / certain : (error - certainMillimetres) / (lostMillimetres - certainMillimetres);
  return Math.min(Math.max(off, 0), 1);
}

/** The same of all joints of somebody, (J); null where he is not seen, or not decoded yet. */
export function doubtsOf(look: Look, result: Result, person: number, frame: number): Float32Array | null {
  const [scores, errors] = [result.scores(person, frame), result.errors(person, frame)];
  return scores?.map((score, joint) => doubtOf(look, score, errors?.[joint] ?? null)) ?? null;
}

/** What is known of a joint: how far off it is expected to be and its score, and why it is where it is. */
export function told(result: Result, person: number, joint: number, frame: number): readonly [string, string] {
  const score = result.scores(person, frame)?.[joint];
  if (score === undefined) return ["not seen", ""];
  const [error, reason] = [result.errors(person, frame)?.[joint], result.reasons(person, frame)?.[joint]];
  const numbers = `${error === undefined ? "" : `±${error.toFixed(0)} mm, `}score ${score.toFixed(2)}`;
  return [numbers, reason === undefined ? "" : (result.header.reasons?.[reason] ?? "")];
}

/** First and last frame that is shown, both included. */
export type Stretch = readonly [number, number];

/** The stretches in which at least one of some joints is in doubt. */
export function doubtful(look: Look, results: readonly Result[], joints: readonly JointOf[]): readonly Stretch[] {
  const found: [number, number][] = [];
  results[0]?.times.forEach((time, frame) => {
    if (!joints.some((joint) => isInDoubt(look, results[joint.result], joint, time))) return;
    const before = found.at(-1);
    if (before?.[1] === frame - 1) before[1] = frame;
    else found.push([frame, frame]);
  });
  return found;
}

function isInDoubt(look: Look, result: Result | undefined, { person, joint }: JointOf, time: number): boolean {
  const frame = result?.frameAt(time) ?? 0;
  const score = result?.scores(person, frame)?.[joint];
  return score !== undefined && doubtOf(look, score, result?.errors(person, frame)?.[joint] ?? null) > 0;
}
