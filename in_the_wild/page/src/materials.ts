// What bodies are made of: something matt that takes soft light, and is dashed where nobody knows.
import * as THREE from "three";

/** The share of a dash and its gap that the dash takes. */
const DASHED = 0.55;

export class BodyMaterial extends THREE.MeshStandardMaterial {
  private readonly dashes = { value: 0 };

  constructor() {
    super({ roughness: 0.68, metalness: 0 });
    this.onBeforeCompile = (shader): void => {
      shader.uniforms["dashes"] = this.dashes;
      shader.vertexShader = shader.vertexShader
        .replace("#include <common>", "#include <common>\nvarying float along;")
        .replace("#include <begin_vertex>", "#include <begin_vertex>\nalong = uv.y;");
      shader.fragmentShader = shader.fragmentShader
        .replace("#include <common>", "#include <common>\nvarying float along;\nuniform float dashes;")
        .replace(
          "#include <clipping_planes_fragment>",
          `if (dashes > 0.0 && abs(fract(along * dashes) - 0.5) > ${DASHED / 2}) discard;`,
        );
    };
  }

  /** How many dashes it is cut into from one end to the other; 0 for none. */
  set cut(count: number) {
    this.dashes.value = count;
    this.side = count > 0 ? THREE.DoubleSide : THREE.FrontSide;
  }
}
