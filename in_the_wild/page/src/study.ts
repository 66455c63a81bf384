// What the plot is about, as lines over time: one joint's angle, speed or place, two joints' distance, three joints'
// angle, how far off a joint is expected to be; of each of the results that are compared.
//
// It knows nothing about how lines are drawn, nor where.
import { bendOf, coordinateOf, distanceOf, errorOf, hingeOf, pathOf, speedOf } from "./curves.ts";
import type { Path } from "./curves.ts";
import type { Result } from "./data.ts";
import { doubtful } from "./doubt.ts";
import type { Stretch } from "./doubt.ts";
import type { Colour, HingeHeader, Look, Theme } from "./header.ts";
import { inTurn } from "./themes.ts";
import type { JointOf, Quantity } from "./view.ts";
import { capital, spoken } from "./words.ts";

/** How a line is drawn: as what is looked at, as what it is compared with, or told from others of its colour. */
export type Stroke = "main" | "faint" | "dashed" | "dotted";

export interface Line {
  readonly label: string;
  readonly stroke: Stroke;
  readonly colour: (theme: Theme) => Colour;
  /** One value for each frame that is shown, NaN where nothing is known. */
  readonly values: Float64Array;
}

export interface Study {
  readonly title: string;
  /** What the values mean, in a sentence. */
  readonly definition: string;
  readonly unit: string;
  readonly lines: readonly Line[];
  /** What the first line is where its values are least, and where they are most. */
  readonly words: { readonly least: string; readonly most: string };
  /** When joints that the first line is about are in doubt. */
  readonly doubtful: readonly Stretch[];
}

/** A study before anybody has asked how far it is to be trusted, and the joints that it is about. */
type Subject = Omit<Study, "doubtful"> & { readonly joints: readonly JointOf[] };

/** The quantities that a joint has, the most telling one first. */
export function quantitiesOf(result: Result, joint: number): readonly Quantity[] {
  const angle = hingeAt(result, joint) === undefined ? [] : ["angle" as const];
  return [...angle, "speed", "position", ...(result.header.hasErrors ? ["error" as const] : [])];
}

/** What is to be plotted of joints that were chosen, of one to three; null where none is. */
export function studyOf(results: readonly Result[], chosen: readonly JointOf[], quantity: Quantity, look: Look): Study | null {
  const subject = subjectOf(results, chosen, quantity);
  return subject === null ? null : { ...subject, doubtful: doubtful(look, results, subject.joints) };
}

/** Values of a result's frames, so many each, at the frames that are shown: results may have frames of their own. */
export function shownAt(results: readonly Result[], number: number, values: Float64Array, each = 1): Float64Array {
  const [shown, own] = [results[0], results[number]];
  if (shown === undefined || own === undefined || shown === own) return values;
  const moved = new Float64Array(each * shown.frames);
  shown.times.forEach((time, frame) => {
    const at = each * own.frameAt(time);
    moved.set(values.subarray(at, at + each), each * frame);
  });
  return moved;
}

function subjectOf(results: readonly Result[], chosen: readonly JointOf[], quantity: Quantity): Subject | null {
  const [first, second, third] = chosen;
  if (first === undefined) return null;
  if (second === undefined) return ofJoint(results, first, quantity);
  return third === undefined ? ofDistance(results, first, second) : ofAngle(results, [first, second, third]);
}

/** The angle that a joint has; undefined where it has none. */
export function hingeAt(result: Result, joint: number): HingeHeader | undefined {
  return result.header.hinges.find(({ joints }) => joints[1] === joint);
}

function ofJoint(results: readonly Result[], chosen: JointOf, quantity: Quantity): Subject | null {
  const result = results[chosen.result];
  if (result === undefined) return null;
  const hinge = hingeAt(result, chosen.joint);
  if (quantity === "angle" && hinge !== undefined) return ofHinge(results, chosen, hinge);
  if (quantity === "error") return ofError(results, chosen);
  return quantity === "position" ? ofPosition(results, chosen) : ofSpeed(results, chosen);
}

function ofHinge(results: readonly Result[], chosen: JointOf, { definition, joints }: HingeHeader): Subject {
  const values = (result: Result, joint: number): Float64Array | null => {
    const hinge = hingeAt(result, joint);
    return hinge === undefined ? null : hingeOf(result, chosen.person, hinge.joints);
  };
  return {
    title: `${nameOf(results, chosen)}: angle`,
    definition,
    unit: "°",
    lines: linesOf(results, chosen, values),
    words: { least: "straightest", most: "most bent" },
    joints: joints.map((joint) => ({ ...chosen, joint })),
  };
}

function ofSpeed(results: readonly Result[], chosen: JointOf): Subject {
  const values = (result: Result, joint: number): Float64Array =>
    speedOf(pathOf(result, chosen.person, joint), result.times);
  return {
    title: `${nameOf(results, chosen)}: speed`,
    definition: "How fast the joint moves, in whatever direction.",
    unit: "m/s",
    lines: linesOf(results, chosen, values),
    words: { least: "slowest", most: "fastest" },
    joints: [chosen],
  };
}

function ofError(results: readonly Result[], chosen: JointOf): Subject {
  const values = (result: Result, joint: number): Float64Array | null =>
    result.header.hasErrors ? errorOf(result, chosen.person, joint) : null;
  return {
    title: `${nameOf(results, chosen)}: expected error`,
    definition: "How far the joint is expected to be off, as seen from the hips.",
    unit: "mm",
    lines: linesOf(results, chosen, values),
    words: { least: "surest", most: "least sure" },
    joints: [chosen],
  };
}

const AXES = [
  { axis: 2, label: "height", stroke: "main" },
  { axis: 0, label: "x", stroke: "dashed" },
  { axis: 1, label: "y", stroke: "dotted" },
] as const;

function ofPosition(results: readonly Result[], chosen: JointOf): Subject {
  const lines = results.flatMap((result, number) => {
    const joint = sameJoint(results, chosen, number);
    if (joint === null) return [];
    const path = pathOf(result, chosen.person, joint);
    return AXES.map(({ axis, label, stroke }): Line => ({
      label: `${results.length > 1 ? result.name : nameOf(results, chosen)}, ${label}`,
      stroke,
      colour: colourOf(results, number, joint),
      values: shownAt(results, number, coordinateOf(path, axis)),
    }));
  });
  return {
    title: `${nameOf(results, chosen)}: position`,
    definition: "Height above the floor, and along the two directions of the floor's grid.",
    unit: "m",
    lines,
    words: { least: "lowest", most: "highest" },
    joints: [chosen],
  };
}

function ofDistance(results: readonly Result[], one: JointOf, other: JointOf): Subject {
  const [from, to] = [one, other].map((joint) => chosenPath(results, joint)) as [Path, Path];
  const names = namesOf(results, [one, other]);
  return {
    title: `${names}: distance`,
    definition: "The straight way between the two joints.",
    unit: "m",
    lines: [{ label: names, stroke: "main", colour: ({ text }) => text, values: distanceOf(from, to) }],
    words: { least: "nearest", most: "farthest" },
    joints: [one, other],
  };
}

function ofAngle(results: readonly Result[], joints: readonly [JointOf, JointOf, JointOf]): Subject {
  const [upper, middle, lower] = joints.map((joint) => chosenPath(results, joint)) as [Path, Path, Path];
  const names = namesOf(results, joints);
  return {
    title: `${names}: angle`,
    definition: "Between the lines from the second joint to the first and to the third; a straight line has 180°.",
    unit: "°",
    lines: [
      {
        label: names,
        stroke: "main",
        colour: ({ text }) => text,
        values: bendOf(upper, middle, lower).map((bend) => 180 - bend),
      },
    ],
    words: { least: "narrowest", most: "widest" },
    joints,
  };
}

/** The chosen joint's line in each result; of a single result that of the other side, too. */
function linesOf(
  results: readonly Result[],
  chosen: JointOf,
  valuesOf: (result: Result, joint: number) => Float64Array | null,
): readonly Line[] {
  const order = [chosen.result, ...results.keys()].filter((number, at, all) => all.indexOf(number) === at);
  const drawn: { number: number; joint: number | null; stroke: Stroke }[] = order.map((number) => ({ number, joint: sameJoint(results, chosen, number), stroke: "main" }));
  if (results.length === 1) drawn.push({ number: chosen.result, joint: otherSide(results[0], chosen.joint), stroke: "faint" });
  return drawn.flatMap(({ number, joint, stroke }) => {
    const result = results[number];
    const values = result === undefined || joint === null ? null : valuesOf(result, joint);
    if (result === undefined || joint === null || values === null) return [];
    const label = results.length > 1 ? result.name : capital(spoken(result.skeleton.joints[joint] ?? ""));
    return [{ label, stroke, colour: colourOf(results, number, joint), values: shownAt(results, number, values) }];
  });
}

/** The joint of the same name in another result. */
function sameJoint(results: readonly Result[], chosen: JointOf, number: number): number | null {
  const joint = results[number]?.skeleton.joints.indexOf(jointName(results, chosen)) ?? -1;
  return joint < 0 ? null : joint;
}

function otherSide(result: Result | undefined, joint: number): number | null {
  const name = result?.skeleton.joints[joint] ?? "";
  const other = name.startsWith("left_") ? name.replace("left_", "right_") : name.replace("right_", "left_");
  const found = other === name ? -1 : (result?.skeleton.joints.indexOf(other) ?? -1);
  return found < 0 ? null : found;
}

/** That of the joint's side; of results that are compared that of the result. */
function colourOf(results: readonly Result[], number: number, joint: number): (theme: Theme) => Colour {
  if (results.length > 1) return (theme) => inTurn(theme.results, number);
  const side = results[number]?.skeleton.sides[joint] ?? "middle";
  return (theme) => (side === "middle" ? theme.text : theme.sides[side]);
}

function chosenPath(results: readonly Result[], { result, person, joint }: JointOf): Path {
  const from = results[result];
  return from === undefined ? new Float64Array() : shownAt(results, result, pathOf(from, person, joint), 3);
}

function jointName(results: readonly Result[], { result, joint }: JointOf): string {
  return results[result]?.skeleton.joints[joint] ?? "";
}

/** A joint by name, and whose it is where there are several people. */
function nameOf(results: readonly Result[], chosen: JointOf): string {
  return namesOf(results, [chosen]);
}

function namesOf(results: readonly Result[], joints: readonly JointOf[]): string {
  const names = joints.map((joint) => spoken(jointName(results, joint)));
  const people = joints.map(({ person }) => `of person ${person}`);
  const [first = ""] = people;
  if (people.some((person) => person !== first)) return capital(names.map((name, at) => `${name} ${people[at] ?? ""}`).join(" – "));
  const several = joints.some(({ result }) => (results[result]?.people.length ?? 0) > 1);
  return capital(`${names.join(" – ")}${several ? ` ${first}` : ""}`);
}
