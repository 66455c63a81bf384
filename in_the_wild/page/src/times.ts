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

/** Seconds, with minutes and hours where there are any: "0.84 s", "1:02.50", "1:00:02.50". */
export function clock(seconds: number, digits = 2): string {
  const unit = 10 ** digits;
  const whole = Math.round(seconds * unit);
  const rest = ((whole % (60 * unit)) / unit).toFixed(digits);
  const minutes = Math.floor(whole / (60 * unit));
  if (minutes === 0) return `${rest} s`;
  const padded = rest.padStart(digits > 0 ? digits + 3 : 2, "0");
  if (minutes < 60) return `${minutes}:${padded}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${padded}`;
}
