// Bytes of poses into numbers: the inverse of in_the_wild/page/encode.py.

/** The bytes that base64 stands for. */
export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const letters = atob(base64);
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at++) bytes[at] = letters.charCodeAt(at);
  return bytes;
}

/** The same, inflated. */
export async function inflated(base64: string): Promise<Uint8Array> {
  const stream = new Blob([bytesOf(base64)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Reads one block of bytes after the other. */
export class Blocks {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  /** Whole numbers, (rows, count) row by row: four planes of bytes of second differences, the lowest first. */
  numbers(rows: number, count: number): Float64Array {
    const size = rows * count;
    const [low, second, third, high] = [0, 1, 2, 3].map((plane) => this.next(size, plane));
    const values = new Float64Array(size);
    if (!low || !second || !third || !high) return values;
    this.at += 4 * size;
    for (let row = 0, k = 0; row < rows; row++) {
      let [value, slope] = [0, 0];
      for (let column = 0; column < count; column++, k++) {
        const folded = ((low[k] ?? 0) | ((second[k] ?? 0) << 8) | ((third[k] ?? 0) << 16) | ((high[k] ?? 0) << 24)) >>> 0;
        slope += folded % 2 === 1 ? -(folded + 1) / 2 : folded / 2;
        value += slope;
        values[k] = value;
      }
    }
    return values;
  }

  /** Numbers from 0 to 255, (rows, count) row by row: differences along each row. */
  levels(rows: number, count: number): Uint8Array {
    const values = this.next(rows * count, 0).slice();
    this.at += rows * count;
    for (let k = 1; k < values.length; k++) {
      if (k % count !== 0) values[k] = ((values[k] ?? 0) + (values[k - 1] ?? 0)) & 255;
    }
    return values;
  }

  private next(size: number, plane: number): Uint8Array {
    return this.bytes.subarray(this.at + plane * size, this.at + (plane + 1) * size);
  }
}
