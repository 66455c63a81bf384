// Soft light from the sky, and the sun's, whose shadows go along with the people.
import * as THREE from "three";

/** Metres around the people within which shadows fall. */
const REACH = 4;
const TOWARDS_SUN = new THREE.Vector3(-0.45, -0.55, 1.3).normalize();

export class Light {
  readonly group = new THREE.Group();
  private readonly sun = new THREE.DirectionalLight(0xffffff, 1.7);

  constructor() {
    const sky = new THREE.HemisphereLight(0xffffff, 0x7d8494, 1.75);
    sky.position.set(0, 0, 1);
    const back = new THREE.DirectionalLight(0xcfe0ff, 0.7);
    back.position.set(0.6, 0.9, 0.5);
    const { shadow } = this.sun;
    this.sun.castShadow = true;
    shadow.mapSize.set(1024, 1024);
    shadow.radius = 5;
    shadow.blurSamples = 12;
    Object.assign(shadow.camera, { left: -REACH, right: REACH, top: REACH, bottom: -REACH, near: 1, far: 6 * REACH });
    this.group.add(sky, back, this.sun, this.sun.target);
  }

  /** Let shadows fall about a point of the floor. */
  aim(middle: THREE.Vector3): void {
    this.sun.target.position.copy(middle);
    this.sun.position.copy(middle).addScaledVector(TOWARDS_SUN, 3 * REACH);
  }
}
