// Colours of the look as three.js takes them.
import * as THREE from "three";
import type { Colour, Side, Theme } from "./header.ts";

/** How a body is coloured: by the person's sides, or all in one colour beside another result. */
export type Paint = Theme["sides"] | Colour;

export function colourOf([red, green, blue]: Colour): THREE.Color {
  return new THREE.Color().setRGB(red / 255, green / 255, blue / 255, THREE.SRGBColorSpace);
}

/** One colour with a share of another in it. */
export function mixed(one: Colour, other: Colour, share: number): THREE.Color {
  return colourOf(one).lerp(colourOf(other), share);
}

export function painted(paint: Paint, side: Side): Colour {
  return "left" in paint ? paint[side] : paint;
}
