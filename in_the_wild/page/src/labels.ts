// Texts in the scene: ids above heads, and the length of the scale on the floor.
import * as THREE from "three";
import type { Colour, Look } from "./header.ts";
import { css } from "./themes.ts";

const PIXELS = 56; // height of the drawn letters, sharp on screens of high resolution
const HEIGHT = 0.036; // of a label, as a share of the picture's height

/** A text that faces whoever looks, always as large. */
export class Label {
  readonly sprite: THREE.Sprite;
  private readonly canvas = document.createElement("canvas");
  private readonly texture = new THREE.CanvasTexture(this.canvas);

  constructor(
    private readonly text: string,
    private readonly look: Look,
  ) {
    this.texture.colorSpace = THREE.SRGBColorSpace;
    const material = new THREE.SpriteMaterial({ map: this.texture, sizeAttenuation: false, depthTest: false });
    this.sprite = new THREE.Sprite(material);
    this.sprite.renderOrder = 10;
  }

  /** Draw it: on a pill of its own colour, or the letters alone where there is none. */
  colour(letters: Colour, pill: Colour | null): void {
    const pen = this.canvas.getContext("2d");
    if (pen === null) return;
    const font = `600 ${PIXELS * 0.7}px ${this.look.fonts}`;
    pen.font = font;
    const width = Math.max(PIXELS, pen.measureText(this.text).width + 0.6 * PIXELS);
    Object.assign(this.canvas, { width, height: PIXELS });
    Object.assign(pen, { font, textAlign: "center", textBaseline: "middle" });
    if (pill !== null) {
      pen.fillStyle = css(pill);
      pen.beginPath();
      pen.roundRect(0, 0, width, PIXELS, PIXELS / 2);
      pen.fill();
    }
    pen.fillStyle = css(letters);
    pen.fillText(this.text, width / 2, PIXELS * 0.54);
    this.texture.dispose();
    this.texture.needsUpdate = true;
    this.ratio = width / PIXELS;
  }

  private ratio = 1;

  /** Keep its size on the screen, whatever lens is looked through. */
  fit(camera: THREE.PerspectiveCamera): void {
    const height = 2 * Math.tan(THREE.MathUtils.degToRad(camera.fov / 2)) * HEIGHT;
    this.sprite.scale.set(height * this.ratio, height, 1);
  }
}
