// A torso between the shoulders and the hips: rings of flattened circles, joined by a skin.
import * as THREE from "three";
import { BodyMaterial } from "./materials.ts";

const ROUND = 28;

/** A ring: where it lies from the hips (0) to the shoulders (1), and how wide and deep it is. */
interface Ring {
  readonly at: number;
  /** Half the width in metres, beside a share of the distance of the two hips or shoulders. */
  readonly wide: number;
  readonly share: number;
  readonly deep: number;
}

const RINGS: readonly Ring[] = [
  { at: -0.16, wide: 0.012, share: 0.1, deep: 0.03 },
  { at: -0.11, wide: 0.045, share: 0.4, deep: 0.085 },
  { at: 0, wide: 0.055, share: 0.5, deep: 0.105 },
  { at: 0.2, wide: 0.045, share: 0.44, deep: 0.095 },
  { at: 0.42, wide: 0.035, share: 0.38, deep: 0.088 },
  { at: 0.7, wide: 0.015, share: 0.42, deep: 0.108 },
  { at: 0.9, wide: 0.005, share: 0.46, deep: 0.09 },
  { at: 1.0, wide: 0, share: 0.44, deep: 0.06 },
  { at: 1.08, wide: 0.01, share: 0.2, deep: 0.045 },
  { at: 1.1, wide: 0.005, share: 0.05, deep: 0.02 },
];

export interface Trunk {
  readonly leftShoulder: THREE.Vector3;
  readonly rightShoulder: THREE.Vector3;
  readonly leftHip: THREE.Vector3;
  readonly rightHip: THREE.Vector3;
  /** Between them, where the skeleton has it. */
  readonly spine: THREE.Vector3 | null;
}

export class Torso {
  readonly material = new BodyMaterial();
  readonly mesh: THREE.Mesh<THREE.BufferGeometry, BodyMaterial>;

  /** @param size How large the person is, 1 for a grown one. */
  constructor(private readonly size: number) {
    const geometry = new THREE.BufferGeometry();
    geometry.setAttribute("position", new THREE.BufferAttribute(new Float32Array(3 * RINGS.length * ROUND), 3));
    geometry.setAttribute("uv", new THREE.BufferAttribute(new Float32Array(2 * RINGS.length * ROUND), 2));
    geometry.setIndex(skin());
    this.mesh = new THREE.Mesh(geometry, this.material);
    this.mesh.castShadow = true;
    this.mesh.frustumCulled = false;
  }

  place(trunk: Trunk, colour: THREE.Color): void {
    const { leftShoulder, rightShoulder, leftHip, rightHip } = trunk;
    const [top, bottom] = [middle(leftShoulder, rightShoulder), middle(leftHip, rightHip)];
    const [shoulders, hips] = [leftShoulder.clone().sub(rightShoulder), leftHip.clone().sub(rightHip)];
    const back = trunk.spine === null ? middle(top, bottom) : trunk.spine.clone();
    const positions = this.mesh.geometry.getAttribute("position");
    const across = new THREE.Vector3();
    RINGS.forEach((ring, place) => {
      const at = Math.min(Math.max(ring.at, 0), 1);
      across.copy(hips).lerp(shoulders, at);
      const width = this.size * ring.wide + ring.share * across.length();
      const [centre, up] = onCurve(bottom, back, top, ring.at);
      const ahead = across.normalize().clone().cross(up).normalize();
      for (let k = 0; k < ROUND; k++) {
        const angle = (2 * Math.PI * k) / ROUND;
        const [x, y] = [rounded(Math.cos(angle)) * width, rounded(Math.sin(angle)) * this.size * ring.deep];
        positions.setXYZ(
          place * ROUND + k,
          centre.x + x * across.x + y * ahead.x,
          centre.y + x * across.y + y * ahead.y,
          centre.z + x * across.z + y * ahead.z,
        );
      }
    });
    positions.needsUpdate = true;
    this.mesh.geometry.computeVertexNormals();
    this.material.color.copy(colour);
  }
}

/** A cosine or sine of a shape between a circle and a rectangle. */
function rounded(value: number): number {
  return Math.sign(value) * Math.abs(value) ** 0.8;
}

function middle(one: THREE.Vector3, other: THREE.Vector3): THREE.Vector3 {
  return one.clone().add(other).multiplyScalar(0.5);
}

/** A point and the direction of the curve through three points, at 0, 1/2 and 1; straight on beyond its ends. */
function onCurve(
  bottom: THREE.Vector3,
  back: THREE.Vector3,
  top: THREE.Vector3,
  at: number,
): [THREE.Vector3, THREE.Vector3] {
  const inside = Math.min(Math.max(at, 0), 1);
  // Lagrange's parabola, half as bent as the spine: flesh bends less than bones do.
  const bend = back.clone().sub(middle(bottom, top)).multiplyScalar(0.5);
  const chord = top.clone().sub(bottom);
  const direction = chord.clone().addScaledVector(bend, 4 * (1 - 2 * inside));
  const point = bottom.clone().addScaledVector(chord, inside).addScaledVector(bend, 4 * inside * (1 - inside));
  return [point.addScaledVector(direction, at - inside), direction.normalize()];
}

/** Triangles between each ring and the next. */
function skin(): number[] {
  const corners: number[] = [];
  for (let ring = 0; ring + 1 < RINGS.length; ring++) {
    for (let k = 0; k < ROUND; k++) {
      const [here, next] = [ring * ROUND + k, ring * ROUND + ((k + 1) % ROUND)];
      corners.push(here, next, here + ROUND, next, next + ROUND, here + ROUND);
    }
  }
  return corners;
}
