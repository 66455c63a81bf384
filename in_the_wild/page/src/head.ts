// A head with a face that shows where it looks, from the joints that a skeleton has of it.
import * as THREE from "three";
import { BodyMaterial } from "./materials.ts";
import type { NamedJoints } from "./named.ts";

// Metres of a grown person's head: half its width, how much longer it is, eyes and nose from its middle.
const HALF = 0.086;
const LONG = 1.32;
const EYE = { radius: 0.0155, apart: 0.034, ahead: 0.077, up: 0.02 };
const NOSE = { radius: 0.019, ahead: 0.09, down: 0.008 };
const NECK = 0.047;
/** Share of the way from the neck to the top of a head at which its middle lies. */
const ABOVE_NECK = 0.65;

/** Where a head is, and where it looks; `face` is zero where nothing tells. */
export interface Pose {
  readonly centre: THREE.Vector3;
  readonly neck: THREE.Vector3;
  readonly up: THREE.Vector3;
  readonly face: THREE.Vector3;
}

export class Head {
  readonly group = new THREE.Group();
  private readonly skull = new THREE.Group();
  private readonly skin = new BodyMaterial();
  private readonly eyeballs = new BodyMaterial();
  private readonly face = new THREE.Group();
  private readonly neck: THREE.Mesh;

  /** @param size How large the person is, 1 for a grown one. */
  constructor(size: number) {
    const ball = new THREE.Mesh(new THREE.SphereGeometry(HALF, 32, 24), this.skin);
    ball.scale.set(1, 1.06, LONG);
    const nose = new THREE.Mesh(new THREE.SphereGeometry(NOSE.radius, 16, 12), this.skin);
    nose.position.set(0, NOSE.ahead, -NOSE.down);
    nose.scale.set(0.8, 1.2, 1.3);
    const eyes = [-1, 1].map((side) => {
      const eye = new THREE.Mesh(new THREE.SphereGeometry(EYE.radius, 16, 12), this.eyeballs);
      eye.position.set(side * EYE.apart, EYE.ahead, EYE.up);
      return eye;
    });
    this.face.add(nose, ...eyes);
    this.skull.add(ball, this.face);
    this.skull.scale.setScalar(size);
    this.neck = new THREE.Mesh(new THREE.CylinderGeometry(NECK * size, NECK * size * 1.15, 1, 20, 1, true), this.skin);
    for (const mesh of [ball, this.neck]) mesh.castShadow = true;
    this.group.add(this.skull, this.neck);
  }

  /** @param eyes The colour of its eyes, which stand out from that of the head. */
  place({ centre, neck, up, face }: Pose, colour: THREE.Color, eyes: THREE.Color): void {
    const known = face.lengthSq() > 0;
    const ahead = known ? face : across(new THREE.Vector3(0, 1, 0), up).normalize();
    const right = ahead.clone().cross(up);
    this.skull.position.copy(centre);
    this.skull.quaternion.setFromRotationMatrix(new THREE.Matrix4().makeBasis(right, ahead, up));
    this.face.visible = known;
    const length = centre.distanceTo(neck);
    this.neck.position.copy(neck).lerp(centre, 0.5);
    this.neck.scale.set(1, length, 1);
    this.neck.quaternion.setFromUnitVectors(new THREE.Vector3(0, 1, 0), up);
    this.skin.color.copy(colour);
    this.eyeballs.color.copy(eyes);
  }
}

/** The head of a body; null for a skeleton that has no joints of one. */
export function headOf(joints: NamedJoints): Pose | null {
  const shoulders = joints.between("left_shoulder", "right_shoulder");
  const neck = joints.at("thorax") ?? joints.at("neck") ?? shoulders;
  const found = neck === null ? null : placed(joints, neck);
  if (neck === null || found === null) return null;
  const up = found.centre.clone().sub(neck).normalize();
  const face = across(found.ahead, up);
  if (face.length() > 1e-3) face.normalize();
  else face.set(0, 0, 0);
  return { centre: found.centre, neck, up, face };
}

/** A head's middle, and about where it looks. */
function placed(joints: NamedJoints, neck: THREE.Vector3): { centre: THREE.Vector3; ahead: THREE.Vector3 } | null {
  const [ears, nose] = [joints.between("left_ear", "right_ear"), joints.at("nose")];
  if (ears !== null && nose !== null) return { centre: ears, ahead: nose.sub(ears) };
  const [jaw, head, top] = [joints.at("neck"), joints.at("head"), joints.at("head_top")];
  if (joints.at("thorax") !== null && jaw !== null && head !== null) {
    // This neck lies at the nose, before the line from the thorax to the crown.
    const axis = head.clone().sub(neck).normalize();
    const ahead = across(jaw.clone().sub(neck), axis);
    return { centre: jaw.lerp(head, 0.5).addScaledVector(ahead, -0.5), ahead };
  }
  const ahead = chest(joints);
  if (head !== null && top !== null) return { centre: head, ahead };
  const crown = top ?? head ?? joints.at("face");
  return crown === null ? null : { centre: neck.clone().lerp(crown, ABOVE_NECK), ahead };
}

/** Where the chest points. */
function chest(joints: NamedJoints): THREE.Vector3 {
  const [left, right] = [joints.at("left_shoulder"), joints.at("right_shoulder")];
  const hips = joints.at("pelvis") ?? joints.between("left_hip", "right_hip");
  if (left === null || right === null || hips === null) return new THREE.Vector3();
  return left.clone().sub(right).cross(left.clone().lerp(right, 0.5).sub(hips)).normalize();
}

/** What is at right angles to an axis of a vector. */
function across(vector: THREE.Vector3, axis: THREE.Vector3): THREE.Vector3 {
  return vector.clone().addScaledVector(axis, -vector.dot(axis));
}
