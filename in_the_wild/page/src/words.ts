// Numbers and names as people read and hear them.

/** A joint's name in plain words: "left_knee" is "left knee". */
export function spoken(joint: string): string {
  return joint.replaceAll("_", " ");
}

/** With a capital letter at its beginning. */
export function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A value with its unit, to what it is known to: whole degrees and millimetres, otherwise centimetres. */
export function amount(value: number, unit: string): string {
  if (Number.isNaN(value)) return "not seen";
  if (unit === "°") return `${value.toFixed(0)}°`;
  if (unit === "mm") return `${value.toFixed(0)} mm`;
  return `${value.toFixed(2)} ${unit}`;
}
