// The floor at z = 0: a grid in metres that ends softly, and the shadows that fall on it.
import * as THREE from "three";
import type { Theme } from "./header.ts";
import { colourOf } from "./colours.ts";

/** Metres between the finer lines. */
const FINE = 0.25;

const VERTEX = `
varying vec2 place;
void main() {
  vec4 world = modelMatrix * vec4(position, 1.0);
  place = world.xy;
  gl_Position = projectionMatrix * viewMatrix * world;
}`;

// Lines a pixel and a half wide at any distance; where they would lie closer than that they fade.
const FRAGMENT = `
uniform vec3 ground, thin, metre;
uniform vec2 middle;
uniform float radius, fine;
varying vec2 place;
float lines(float spacing) {
  vec2 at = place / spacing;
  vec2 wide = fwidth(at);
  vec2 off = abs(fract(at - 0.5) - 0.5) / wide;
  float line = 1.0 - min(min(off.x, off.y) / 1.2, 1.0);
  return line * (1.0 - smoothstep(0.15, 0.5, max(wide.x, wide.y)));
}
void main() {
  float away = length(place - middle) / radius;
  vec3 colour = mix(ground, thin, lines(fine));
  colour = mix(colour, metre, lines(1.0));
  gl_FragColor = vec4(colour, 1.0 - smoothstep(0.55, 1.0, away));
  #include <colorspace_fragment>
}`;

export class Floor {
  readonly group = new THREE.Group();
  readonly grid: THREE.Mesh<THREE.PlaneGeometry, THREE.ShaderMaterial>;
  private readonly shadow: THREE.Mesh<THREE.PlaneGeometry, THREE.ShadowMaterial>;

  /** @param people The box that people stay in; it reaches some metres farther. */
  constructor(people: THREE.Box3) {
    const middle = people.getCenter(new THREE.Vector3());
    const radius = 0.9 * people.getSize(new THREE.Vector3()).length() + 2;
    const plane = new THREE.PlaneGeometry(2 * radius, 2 * radius);
    const uniforms = {
      ground: { value: new THREE.Color() },
      thin: { value: new THREE.Color() },
      metre: { value: new THREE.Color() },
      middle: { value: new THREE.Vector2(middle.x, middle.y) },
      radius: { value: radius },
      fine: { value: FINE },
    };
    const shader = { uniforms, vertexShader: VERTEX, fragmentShader: FRAGMENT };
    this.grid = new THREE.Mesh(plane, new THREE.ShaderMaterial({ ...shader, transparent: true, depthWrite: false }));
    this.shadow = new THREE.Mesh(plane, new THREE.ShadowMaterial({ opacity: 0.3, depthWrite: false }));
    this.shadow.receiveShadow = true;
    this.shadow.renderOrder = 1;
    for (const mesh of [this.grid, this.shadow]) mesh.position.set(middle.x, middle.y, 0);
    this.group.add(this.grid, this.shadow);
  }

  paint(theme: Theme): void {
    const { uniforms } = this.grid.material;
    for (const [name, colour] of [["ground", theme.floor], ["thin", theme.grid], ["metre", theme.grid_metre]] as const) {
      (uniforms[name]?.value as THREE.Color).copy(colourOf(colour));
    }
  }
}
