// What Python writes into a page, as types: in_the_wild/page/write.py is the other side.

/** Red, green and blue from 0 to 255. */
export type Colour = readonly [number, number, number];

export interface Theme {
  readonly background: Colour;
  readonly floor: Colour;
  readonly grid: Colour;
  readonly grid_metre: Colour;
  readonly rim: Colour;
  readonly text: Colour;
  readonly quiet: Colour;
  readonly outline: Colour;
  readonly label: Colour;
  readonly sides: Readonly<Record<Side, Colour>>;
  readonly people: readonly Colour[];
  readonly results: readonly Colour[];
  readonly truth: Colour;
  readonly warning: Colour;
}

/** in_the_wild/look.py, which films and plots share. */
export interface Look {
  readonly themes: { readonly dark: Theme; readonly light: Theme };
  /** How doubt is drawn: see doubt.ts. */
  readonly certain: number;
  readonly certainMillimetres: number;
  readonly lostMillimetres: number;
  readonly unseen: number;
  readonly fadedMost: number;
  readonly dash: readonly [number, number];
  readonly fonts: string;
  readonly radii: Readonly<Record<string, number>>;
}

export type Side = "left" | "right" | "middle";

export interface SkeletonHeader {
  readonly name: string;
  readonly joints: readonly string[];
  /** Of each joint the position of its parent, -1 for the root. */
  readonly parents: readonly number[];
  readonly edges: readonly (readonly [number, number])[];
  readonly sides: readonly Side[];
}

/** How a lens shows directions in the picture: in_the_wild/calibration/base.py says what the numbers are. */
export interface CalibrationHeader {
  readonly focal: readonly [number, number];
  readonly centre: readonly [number, number];
  readonly distortion: readonly number[];
  readonly fisheye: boolean;
  /** How far from the middle directions of the picture are, as x / z. */
  readonly reach: number;
}

/** The video's own camera, in the world; people may be put on the floor one by one, hence a place for each. */
export interface LensHeader {
  /** How its focal length is known, such as "assumed focal length". */
  readonly source: string;
  readonly focal: number;
  /** Of a lens that bends, or whose middle is not the picture's; null for others. */
  readonly calibration: CalibrationHeader | null;
  readonly axes: readonly (readonly [number, number, number])[];
  readonly places: Readonly<Record<string, readonly [number, number, number]>>;
}

/** An angle between two bones, 0 where they are in line: in_the_wild/measures/angles.py defines it. */
export interface HingeHeader {
  readonly name: string;
  readonly definition: string;
  /** From the upper joint on; the angle is at the middle one. */
  readonly joints: readonly [number, number, number];
}

/** What is not to be trusted for a while: in_the_wild/cautions.py finds it. */
export interface CautionHeader {
  /** Seconds. */
  readonly from: number;
  readonly to: number;
  /** Whom it is about; null for everybody. */
  readonly person: number | null;
  /** None where it is all of them. */
  readonly joints: readonly number[];
  /** Why, and what to do, in a sentence. */
  readonly said: string;
}

export interface PersonHeader {
  readonly id: number;
  /** How large the person is, 1 for a grown one. */
  readonly size: number;
  /** First and last frame of each stretch in which the person is seen, both included. */
  readonly spans: readonly (readonly [number, number])[];
}

export interface ResultHeader {
  readonly name: string;
  readonly skeleton: SkeletonHeader;
  readonly people: readonly PersonHeader[];
  readonly frames: number;
  readonly fps: number;
  /** Seconds of the first frame. */
  readonly start: number;
  /** Ids of the elements that hold the bytes. */
  readonly times: string;
  readonly chunks: readonly string[];
  readonly chunkFrames: number;
  readonly steps: { readonly metres: number; readonly score: number; readonly seconds: number; readonly millimetres: number };
  /** Whether it is known how far joints are expected to be off. */
  readonly hasErrors: boolean;
  /** Why joints are where they are, in sentences, by the numbers that the bytes have; null where it is not known. */
  readonly reasons: readonly string[] | null;
  readonly lens: LensHeader | null;
  readonly hinges: readonly HingeHeader[];
  /** The corners of the box that the people stay in; null where there is nobody. */
  readonly bounds: readonly (readonly [number, number, number])[] | null;
  /** Frames at which another shot begins. */
  readonly cuts: readonly number[];
  readonly cautions: readonly CautionHeader[];
  readonly assumptions: readonly string[];
  readonly warnings: readonly string[];
}

export interface VideoHeader {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** Seconds on the player's clock of time 0 of the poses. */
  readonly began: number;
  readonly rotate: number;
  readonly mirror: boolean;
  /** Why there is none, or why it may fail to be shown, in a sentence. */
  readonly missing: string;
}

export interface Header {
  readonly results: readonly ResultHeader[];
  readonly video: VideoHeader;
  readonly look: Look;
  /** Where frames come from that are not there yet, of a page that shows what is going on; null of a recorded one. */
  readonly live: string | null;
}

/** The text of an element of data. */
export function dataOf(id: string): string {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`This page is incomplete: it has no ${id}.`);
  return element.textContent;
}

/** What this page shows. */
export function readHeader(): Header {
  return JSON.parse(dataOf("header")) as Header;
}
