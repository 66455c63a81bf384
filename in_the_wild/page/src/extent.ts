// The space that people take up, as points: what a camera has to keep in its picture.
import * as THREE from "three";
import type { Result } from "./data.ts";
import type { Header } from "./header.ts";

/** How many moments of a result are looked at. */
const MOMENTS = 60;
/** Metres above heads that labels take. */
const LABEL = 0.22;

/** The box that all people stay in, of all results, and the floor below them. */
export function boxOf(header: Header): THREE.Box3 {
  const box = new THREE.Box3();
  for (const { bounds } of header.results) {
    if (bounds !== null) for (const corner of bounds) box.expandByPoint(new THREE.Vector3(...corner));
  }
  if (box.isEmpty()) box.set(new THREE.Vector3(-1, -1, 0), new THREE.Vector3(1, 1, 1.8));
  box.min.z = Math.min(0, box.min.z);
  return box;
}

/** Places of joints over time, as far as they are decoded; of a box its corners, where little is. */
export function cloudOf(results: readonly Result[], box: THREE.Box3): THREE.Vector3[] {
  if (!results.every((result) => result.isLoaded(0, result.frames - 1))) return corners(box);
  const cloud = results.flatMap((result) => result.people.flatMap(({ id }) => pathOf(result, id, box)));
  return cloud.length === 0 ? corners(box) : cloud;
}

function pathOf(result: Result, person: number, box: THREE.Box3): THREE.Vector3[] {
  const cloud = [];
  for (let frame = 0; frame < result.frames; frame += Math.max(1, Math.floor(result.frames / MOMENTS))) {
    const points = result.pose(person, frame);
    if (points === null) continue;
    for (let k = 0; k < points.length; k += 3) {
      const joint = box.clampPoint(new THREE.Vector3().fromArray(points, k), new THREE.Vector3());
      cloud.push(joint, joint.clone().setZ(0), joint.clone().setZ(joint.z + LABEL));
    }
  }
  return cloud;
}

function corners({ min, max }: THREE.Box3): THREE.Vector3[] {
  return [0, 1, 2, 3, 4, 5, 6, 7].map(
    (corner) =>
      new THREE.Vector3(
        corner & 1 ? max.x : min.x,
        corner & 2 ? max.y : min.y,
        corner & 4 ? max.z : min.z,
      ),
  );
}
