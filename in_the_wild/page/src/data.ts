// Results: people's joints by frame, decoded chunk by chunk when somebody asks.
//
// It knows nothing about what is drawn.
import { Blocks, inflated } from "./decode.ts";
import { dataOf } from "./header.ts";
import { frameAt } from "./times.ts";
import type { ResultHeader, SkeletonHeader } from "./header.ts";

/** Somebody's first and last frame, and all stretches in which he is seen. */
export interface Person {
  readonly id: number;
  readonly first: number;
  readonly last: number;
  /** How large he is, 1 for a grown person. */
  readonly size: number;
  readonly spans: readonly (readonly [number, number])[];
}

/** Somebody in a frame that has just come. */
export interface PersonNow {
  readonly id: number;
  /** (J, 3) metres, z up. */
  readonly points: readonly number[];
  /** (J) in [0, 1]. */
  readonly scores: readonly number[];
}

/** One person's rows in one chunk. */
interface Rows {
  /** Of each frame of the chunk the row, -1 where there is none. */
  readonly row: Int16Array;
  /** (rows, J, 3) metres, z up. */
  readonly points: Float32Array;
  /** (rows, J) in [0, 1]. */
  readonly scores: Float32Array;
  /** (rows, J) millimetres; null where they are not known. */
  readonly errors: Float32Array | null;
  /** (rows, J) places in the header's reasons; null where they are not known. */
  readonly reasons: Float32Array | null;
}

export class Result {
  readonly name: string;
  readonly skeleton: SkeletonHeader;
  readonly people: readonly Person[];
  private readonly growing: { id: number; size: number; first: number; last: number; spans: [number, number][] }[];
  private room: Float64Array;
  private readonly chunks: (Map<number, Rows> | undefined)[];
  private readonly loading: (Promise<void> | undefined)[];

  private constructor(
    readonly header: ResultHeader,
    private moments: Float64Array,
  ) {
    this.name = header.name;
    this.skeleton = header.skeleton;
    this.room = moments;
    this.growing = header.people.map(({ id, size, spans }) => ({
      id,
      size,
      spans: spans.map(([first, last]) => [first, last]),
      first: spans[0]?.[0] ?? 0,
      last: spans.at(-1)?.[1] ?? 0,
    }));
    this.people = this.growing;
    this.chunks = header.chunks.map(() => undefined);
    this.loading = header.chunks.map(() => undefined);
  }

  /** A result of the page; its times are decoded, its poses not yet. */
  static async open(header: ResultHeader): Promise<Result> {
    const blocks = new Blocks(await inflated(dataOf(header.times)));
    const steps = blocks.numbers(1, header.frames);
    return new Result(header, steps.map((value) => header.start + value * header.steps.seconds));
  }

  get frames(): number {
    return this.moments.length;
  }

  /** Seconds of each frame, rising. */
  get times(): Float64Array {
    return this.moments;
  }

  /** A frame that has just come, after all others. */
  append(time: number, people: readonly PersonNow[]): void {
    const frame = this.frames;
    if (frame === this.room.length) {
      this.room = new Float64Array(Math.max(1024, 2 * frame));
      this.room.set(this.moments);
    }
    this.room[frame] = time;
    this.moments = this.room.subarray(0, frame + 1);
    const chunk = Math.floor(frame / this.header.chunkFrames);
    const found = (this.chunks[chunk] ??= new Map<number, Rows>());
    this.loading[chunk] ??= Promise.resolve();
    for (const { id, points, scores } of people) {
      const rows = found.get(id) ?? this.roomFor(id, found);
      const row = frame % this.header.chunkFrames;
      rows.row[row] = row;
      rows.points.set(points, row * points.length);
      rows.scores.set(scores, row * scores.length);
      this.extend(id, frame);
    }
  }

  /** Joints of a person, (J, 3) metres in the world, z up; null where he is not seen, or not decoded yet. */
  pose(person: number, frame: number): Float32Array | null {
    return this.part(person, frame, "points", 3);
  }

  /** Scores of a person's joints, (J) in [0, 1], 0 where not seen; null as of `pose`. */
  scores(person: number, frame: number): Float32Array | null {
    return this.part(person, frame, "scores");
  }

  /** Millimetres by which a person's joints are expected to be off, (J); null where not known, and as of `pose`. */
  errors(person: number, frame: number): Float32Array | null {
    return this.part(person, frame, "errors");
  }

  /** Why a person's joints are where they are, (J) places in the header's reasons; null as of `errors`. */
  reasons(person: number, frame: number): Float32Array | null {
    return this.part(person, frame, "reasons");
  }

  /** Whether all of some frames is decoded. */
  isLoaded(first: number, last: number = first): boolean {
    if (this.chunks.length === 0) return true;
    for (let chunk = this.chunkOf(first); chunk <= this.chunkOf(last); chunk++) {
      if (this.chunks[chunk] === undefined) return false;
    }
    return true;
  }

  /** Decode some frames, both ends included. */
  async load(first: number, last: number = first): Promise<void> {
    if (this.chunks.length === 0) return;
    for (let chunk = this.chunkOf(first); chunk <= this.chunkOf(last); chunk++) {
      await (this.loading[chunk] ??= this.decode(chunk));
    }
  }

  /** The frame that is shown at a time. */
  frameAt(time: number): number {
    return frameAt(this.times, time);
  }

  /** Where somebody's rows of a chunk go that has just begun. */
  private roomFor(id: number, chunk: Map<number, Rows>): Rows {
    const [count, joints] = [this.header.chunkFrames, this.skeleton.joints.length];
    const row = new Int16Array(count).fill(-1);
    const [points, scores] = [new Float32Array(3 * count * joints), new Float32Array(count * joints)];
    const rows = { row, points, scores, errors: null, reasons: null };
    chunk.set(id, rows);
    return rows;
  }

  /** Somebody is seen in this frame, too. */
  private extend(id: number, frame: number): void {
    let person = this.growing.find((one) => one.id === id);
    if (person === undefined) {
      person = { id, size: 1, first: frame, last: frame, spans: [] };
      this.growing.push(person);
    }
    const span = person.spans.at(-1);
    if (span?.[1] === frame - 1) span[1] = frame;
    else person.spans.push([frame, frame]);
    person.last = frame;
  }

  private chunkOf(frame: number): number {
    return Math.min(Math.max(0, Math.floor(frame / this.header.chunkFrames)), this.chunks.length - 1);
  }

  /** What is known of somebody's joints in a frame, so many values each. */
  private part(person: number, frame: number, what: Exclude<keyof Rows, "row">, values = 1): Float32Array | null {
    const rows = this.chunks[Math.floor(frame / this.header.chunkFrames)]?.get(person);
    const row = rows?.row[frame % this.header.chunkFrames] ?? -1;
    const size = values * this.skeleton.joints.length;
    return row < 0 ? null : (rows?.[what]?.subarray(row * size, (row + 1) * size) ?? null);
  }

  private async decode(chunk: number): Promise<void> {
    const blocks = new Blocks(await inflated(dataOf(this.header.chunks[chunk] ?? "")));
    const found = new Map<number, Rows>();
    for (const person of this.people) {
      const [row, count] = this.rowsIn(person, chunk);
      if (count > 0) found.set(person.id, { row, ...this.rowsOf(blocks, count) });
    }
    this.chunks[chunk] = found;
  }

  /** The rows of one person, turned from coordinate by coordinate to row by row. */
  private rowsOf(blocks: Blocks, count: number): Omit<Rows, "row"> {
    const { steps, skeleton, hasErrors, reasons } = this.header;
    const joints = skeleton.joints.length;
    return {
      points: transposed(blocks.numbers(3 * joints, count), count, steps.metres),
      scores: transposed(blocks.levels(joints, count), count, steps.score),
      errors: hasErrors ? transposed(blocks.numbers(joints, count), count, steps.millimetres) : null,
      reasons: reasons === null ? null : transposed(blocks.levels(joints, count), count, 1),
    };
  }

  private rowsIn(person: Person, chunk: number): [Int16Array, number] {
    const size = this.header.chunkFrames;
    const row = new Int16Array(size).fill(-1);
    let count = 0;
    for (const [first, last] of person.spans) {
      const end = Math.min(last, (chunk + 1) * size - 1);
      for (let frame = Math.max(first, chunk * size); frame <= end; frame++) row[frame % size] = count++;
    }
    return [row, count];
  }
}

function transposed(values: ArrayLike<number>, count: number, step: number): Float32Array {
  const rows = values.length / count;
  const result = new Float32Array(values.length);
  for (let row = 0, k = 0; row < rows; row++) {
    for (let column = 0; column < count; column++, k++) result[column * rows + row] = (values[k] ?? 0) * step;
  }
  return result;
}
