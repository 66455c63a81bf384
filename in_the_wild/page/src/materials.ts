// What bodies are made of: something matt that takes soft light.
import * as THREE from "three";

export function bodyMaterial(colour: THREE.Color): THREE.MeshStandardMaterial {
  return new THREE.MeshStandardMaterial({ color: colour, roughness: 0.62, metalness: 0 });
}
