// From where the scene is seen: freely by hand, straight on, or as the video's own camera saw it.
import * as THREE from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import type { LensHeader, VideoHeader } from "./header.ts";
import type { Preset } from "./view.ts";

// Degrees: an ordinary lens for looking about, a very long one for measuring by eye.
const FREE_FOV = 28;
const STRAIGHT_FOV = 3;
/** Share of the picture that people may fill. */
const FILLED = 0.88;

// Where each view looks from, seen from the middle of the people: x right, y away from the video's camera, z up.
const FROM: Readonly<Record<Exclude<Preset, "camera">, readonly [number, number, number]>> = {
  free: [-0.38, -0.9, 0.24],
  front: [0, -1, 0],
  side: [1, 0, 0],
  top: [0, -1e-4, 1],
};

export class Rig {
  readonly camera = new THREE.PerspectiveCamera(FREE_FOV, 1, 0.05, 2000);
  private readonly controls: OrbitControls;
  private preset: Preset = "free";
  private size = { width: 1, height: 1 };
  private touched = false;

  /**
   * @param element What is dragged on.
   * @param changed Called when the camera has moved.
   */
  constructor(
    element: HTMLElement,
    private readonly changed: () => void,
  ) {
    this.camera.up.set(0, 0, 1);
    this.controls = new OrbitControls(this.camera, element);
    this.controls.zoomToCursor = true;
    this.controls.addEventListener("change", changed);
    this.controls.addEventListener("start", () => {
      this.touched = true;
    });
  }

  /** Whether somebody has turned, moved or zoomed it since it was told where to look from. */
  get moved(): boolean {
    return this.touched;
  }

  resize(width: number, height: number): void {
    this.size = { width, height };
    this.camera.aspect = width / height;
    this.camera.updateProjectionMatrix();
  }

  /** Look from one of the usual places, so that all of some points are seen. */
  look(preset: Exclude<Preset, "camera">, cloud: readonly THREE.Vector3[]): void {
    this.preset = preset;
    this.touched = false;
    this.controls.enabled = true;
    this.camera.fov = preset === "free" ? FREE_FOV : STRAIGHT_FOV;
    const from = new THREE.Vector3(...FROM[preset]).normalize();
    const { target, distance } = this.fitted(from, cloud);
    this.controls.target.copy(target);
    this.camera.position.copy(target).addScaledVector(from, distance);
    this.camera.near = Math.max(0.05, distance / 200);
    this.camera.far = 20 * distance + 200;
    this.camera.updateProjectionMatrix();
    this.controls.update();
    this.changed();
  }

  /** Look as the video's camera does; the middle of the canvas is that of the picture, which is fitted into it. */
  lookThrough(lens: LensHeader, video: VideoHeader, place: readonly [number, number, number]): void {
    this.preset = "camera";
    this.controls.enabled = false;
    const scale = Math.min(this.size.width / video.width, this.size.height / video.height);
    this.camera.fov = THREE.MathUtils.radToDeg(2 * Math.atan(this.size.height / 2 / (lens.focal * scale)));
    const [right, down, forward] = lens.axes.map((axis) => new THREE.Vector3(...axis));
    if (right === undefined || down === undefined || forward === undefined) return;
    this.camera.position.set(...place);
    this.camera.quaternion.setFromRotationMatrix(
      new THREE.Matrix4().makeBasis(right, down.negate(), forward.negate()),
    );
    this.camera.near = 0.05;
    this.camera.updateProjectionMatrix();
    this.changed();
  }

  /** Go along with somebody who has moved. */
  shift(by: THREE.Vector3): void {
    if (this.preset === "camera") return;
    this.camera.position.add(by);
    this.controls.target.add(by);
    this.controls.update();
  }

  /** The point to look at, and how far from it, so that all points just fit into the picture. */
  private fitted(from: THREE.Vector3, cloud: readonly THREE.Vector3[]): { target: THREE.Vector3; distance: number } {
    const looking = new THREE.Matrix4().lookAt(from, new THREE.Vector3(), this.camera.up);
    const [right, up, back] = [new THREE.Vector3(), new THREE.Vector3(), new THREE.Vector3()];
    looking.extractBasis(right, up, back);
    const target = new THREE.Box3().setFromPoints([...cloud]).getCenter(new THREE.Vector3());
    const slope = Math.tan(THREE.MathUtils.degToRad(this.camera.fov / 2)) * FILLED;
    let distance = 1;
    // What is near looks larger than what is far, so the middle of the picture is found step by step.
    for (let round = 0; round < 4; round++) {
      const seen = cloud.map((point) => {
        const off = point.clone().sub(target);
        return { x: off.dot(right) / this.camera.aspect, y: off.dot(up), z: off.dot(back) };
      });
      distance = seen.reduce((most, { x, y, z }) => Math.max(most, Math.max(Math.abs(x), Math.abs(y)) / slope + z), 0.5);
      const [x, y] = [middle(seen.map(({ x, z }) => x / (distance - z))), middle(seen.map(({ y, z }) => y / (distance - z)))];
      target.addScaledVector(right, x * distance * this.camera.aspect).addScaledVector(up, y * distance);
    }
    return { target, distance };
  }
}

/** Halfway between the least and the most of values, which may be more than a call takes arguments. */
function middle(values: readonly number[]): number {
  const [least, most] = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
  return (least + most) / 2;
}
