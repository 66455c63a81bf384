// Times of frames: rising seconds, at any rate, even or not.

/** The frame that is shown at a time: the last one that began by then. */
export function frameAt(times: Float64Array, time: number): number {
  let [low, high] = [0, Math.max(0, times.length - 1)];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((times[middle] ?? Infinity) <= time + 1e-6) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Seconds as a clock shows them: 1:02.50. */
export function clock(seconds: number): string {
  const hundredths = Math.round(seconds * 100);
  const minutes = Math.floor(hundredths / 6000);
  const rest = ((hundredths % 6000) / 100).toFixed(2).padStart(5, "0");
  return `${minutes}:${rest}`;
}
