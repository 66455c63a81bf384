// From where the scene is seen: freely by hand, straight on, or as the video's own camera saw it.
import * as THREE from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import type { LensHeader, VideoHeader } from "./header.ts";
import type { Preset } from "./view.ts";

// Degrees: an ordinary lens for looking about, a very long one for measuring by eye.
const FREE_FOV = 28;
const STRAIGHT_FOV = 4;

// Where each view looks from, seen from the middle of the people: x right, y away from the video's camera, z up.
const FROM: Readonly<Record<Exclude<Preset, "camera">, readonly [number, number, number]>> = {
  free: [-0.5, -0.85, 0.3],
  front: [0, -1, 0],
  side: [1, 0, 0],
  top: [0, -1e-4, 1],
};

export class Rig {
  readonly camera = new THREE.PerspectiveCamera(FREE_FOV, 1, 0.05, 2000);
  private readonly controls: OrbitControls;
  private preset: Preset = "free";
  private size = { width: 1, height: 1 };

  /**
   * @param element What is dragged on.
   * @param people The box that the people stay in.
   * @param changed Called when somebody has moved the camera.
   */
  constructor(
    element: HTMLElement,
    private readonly people: THREE.Box3,
    private readonly changed: () => void,
  ) {
    this.camera.up.set(0, 0, 1);
    this.controls = new OrbitControls(this.camera, element);
    this.controls.zoomToCursor = true;
    this.controls.maxPolarAngle = Math.PI;
    this.controls.addEventListener("change", () => {
      this.changed();
    });
  }

  resize(width: number, height: number): void {
    this.size = { width, height };
    this.camera.aspect = width / height;
    this.camera.updateProjectionMatrix();
  }

  /** Look from one of the usual places, at all of the people. */
  look(preset: Exclude<Preset, "camera">): void {
    this.preset = preset;
    this.controls.enabled = true;
    this.camera.fov = preset === "free" ? FREE_FOV : STRAIGHT_FOV;
    const middle = this.people.getCenter(new THREE.Vector3());
    const from = new THREE.Vector3(...FROM[preset]).normalize();
    this.controls.target.copy(middle);
    this.camera.position.copy(middle).addScaledVector(from, this.distance(from));
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

  /** The nearest place, in this direction, from which all of the people's box is seen. */
  private distance(from: THREE.Vector3): number {
    const looking = new THREE.PerspectiveCamera();
    looking.up.copy(this.camera.up);
    looking.position.copy(from);
    looking.lookAt(0, 0, 0);
    const turn = looking.quaternion.clone().invert();
    const middle = this.people.getCenter(new THREE.Vector3());
    const slope = Math.tan(THREE.MathUtils.degToRad(this.camera.fov / 2)) * 0.9;
    let distance = 1;
    for (let corner = 0; corner < 8; corner++) {
      const { min, max } = this.people;
      const point = new THREE.Vector3(
        corner & 1 ? max.x : min.x, corner & 2 ? max.y : min.y, corner & 4 ? max.z : min.z,
      ).sub(middle).applyQuaternion(turn);
      const needed = Math.max(Math.abs(point.x) / (slope * this.camera.aspect), Math.abs(point.y) / slope);
      distance = Math.max(distance, needed + point.z);
    }
    return distance;
  }
}
