// The 3D scene: everybody of every result at one moment, on the floor, in soft light.
//
// It draws when something has changed, and knows nothing about what makes the moment pass.
import * as THREE from "three";
import type { Result } from "./data.ts";
import { Figure } from "./figure.ts";
import { Floor } from "./floor.ts";
import type { Header, LensHeader } from "./header.ts";
import type { Playback } from "./playback.ts";
import { Rig } from "./rig.ts";
import { inTurn } from "./themes.ts";
import type { Themes } from "./themes.ts";
import type { Choices, JointOf, View } from "./view.ts";

/** Pixels from a joint within which it is meant. */
const REACH = 22;

interface Body {
  readonly result: number;
  readonly person: number;
  readonly figure: Figure;
}

export interface Parts {
  readonly header: Header;
  readonly results: readonly Result[];
  readonly playback: Playback;
  readonly view: View;
  readonly themes: Themes;
}

export class Scene {
  readonly canvas: HTMLCanvasElement;
  private readonly renderer: THREE.WebGLRenderer;
  private readonly scene = new THREE.Scene();
  private readonly rig: Rig;
  private readonly floor: Floor;
  private readonly bodies: Body[];
  private stale = true;
  private followedAt: THREE.Vector3 | null = null;

  /** @param place The element that it fills. */
  constructor(
    private readonly place: HTMLElement,
    private readonly parts: Parts,
  ) {
    this.renderer = new THREE.WebGLRenderer({ antialias: true, alpha: true });
    this.renderer.shadowMap.enabled = true;
    this.renderer.shadowMap.type = THREE.VSMShadowMap;
    this.canvas = this.renderer.domElement;
    place.append(this.canvas);
    const box = boxOf(parts.header);
    this.rig = new Rig(this.canvas, box, () => {
      this.stale = true;
    });
    const middle = box.getCenter(new THREE.Vector3());
    const reach = box.getSize(new THREE.Vector3()).length() / 2;
    this.floor = new Floor(new THREE.Vector2(middle.x, middle.y), 1.6 * reach + 1.5);
    this.scene.add(this.floor.group, ...lights(middle, reach));
    this.bodies = parts.results.flatMap((result, place) =>
      result.people.map(({ id }) => ({ result: place, person: id, figure: new Figure(result.skeleton, parts.header.look) })),
    );
    this.scene.add(...this.bodies.map(({ figure }) => figure.group));
    this.listen();
  }

  /** Draw, if something has changed since the last time. */
  draw(): void {
    if (!this.stale) return;
    this.stale = false;
    this.renderer.render(this.scene, this.rig.camera);
  }

  /** Where a joint is on the canvas, in pixels of styles; null where it is not shown. */
  project({ result, person, joint }: JointOf): { x: number; y: number } | null {
    const body = this.bodies.find((one) => one.result === result && one.person === person);
    const points = this.parts.results[result]?.pose(person, this.frameOf(result));
    if (body === undefined || !points || !body.figure.group.visible) return null;
    const point = new THREE.Vector3().fromArray(points, 3 * joint).add(body.figure.group.position);
    const seen = point.project(this.rig.camera);
    const { clientWidth: width, clientHeight: height } = this.canvas;
    return seen.z > 1 ? null : { x: ((seen.x + 1) / 2) * width, y: ((1 - seen.y) / 2) * height };
  }

  /** The joint that is meant by a point of the canvas; null where none is near. */
  pick(x: number, y: number): JointOf | null {
    let [best, nearest]: [JointOf | null, number] = [null, REACH];
    for (const { result, person } of this.bodies) {
      this.parts.results[result]?.skeleton.joints.forEach((_, joint) => {
        const at = this.project({ result, person, joint });
        const distance = at === null ? Infinity : Math.hypot(at.x - x, at.y - y);
        if (distance < nearest) [best, nearest] = [{ result, person, joint }, distance];
      });
    }
    return best;
  }

  /** Draw again at the next opportunity. */
  refresh(): void {
    this.stale = true;
  }

  private listen(): void {
    const { playback, view, themes } = this.parts;
    new ResizeObserver(() => {
      this.resize();
    }).observe(this.place);
    playback.subscribe(() => {
      this.pose();
    });
    let before: Choices | null = null;
    const chosen = (): void => {
      const { choices } = view;
      if (before?.preset !== choices.preset) this.look();
      if (before?.followed !== choices.followed) this.followedAt = null;
      before = choices;
      this.pose();
    };
    view.subscribe(chosen);
    const paint = (): void => {
      this.paint();
    };
    themes.subscribe(paint);
    this.resize();
    paint();
    chosen();
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.place;
    if (width === 0 || height === 0) return;
    this.renderer.setPixelRatio(Math.min(window.devicePixelRatio, 2));
    this.renderer.setSize(width, height);
    this.rig.resize(width, height);
    if (this.parts.view.choices.preset === "camera") this.look();
    this.stale = true;
  }

  private look(): void {
    const { preset } = this.parts.view.choices;
    const lens = this.lens();
    if (preset !== "camera") this.rig.look(preset);
    else if (lens !== null) this.rig.lookThrough(lens, this.parts.header.video, placeOf(lens));
    this.floor.group.visible = preset !== "camera";
    this.pose();
  }

  private lens(): LensHeader | null {
    return this.parts.header.results.find(({ lens }) => lens !== null)?.lens ?? null;
  }

  private paint(): void {
    const { theme } = this.parts.themes;
    const compared = this.parts.results.length > 1;
    for (const { result, figure } of this.bodies) {
      figure.paint(compared ? inTurn(theme.results, result) : theme.sides, theme.floor);
    }
    this.floor.paint(theme);
    this.pose();
  }

  /** Everybody as at the moment; frames that are not decoded yet are shown as soon as they are. */
  private pose(): void {
    const { results, view } = this.parts;
    const { hiddenPeople, hiddenResults, preset } = view.choices;
    for (const [place, result] of results.entries()) {
      const frame = this.frameOf(place);
      if (!result.isLoaded(frame)) void result.load(frame).then(() => { this.pose(); });
    }
    for (const { result, person, figure } of this.bodies) {
      const frame = this.frameOf(result);
      const points = results[result]?.pose(person, frame);
      const scores = results[result]?.scores(person, frame);
      figure.group.visible = Boolean(points && scores) && !hiddenPeople.has(person) && !hiddenResults.has(result);
      if (points && scores) figure.pose(points, scores);
      figure.group.position.copy(preset === "camera" ? this.offset(result, person) : ORIGIN);
    }
    this.follow();
    this.stale = true;
  }

  /** How far somebody stands from where the video's camera saw him: each is put on the floor by himself. */
  private offset(result: number, person: number): THREE.Vector3 {
    const lens = this.lens();
    const own = this.parts.header.results[result]?.lens?.places[String(person)];
    return lens === null || own === undefined
      ? ORIGIN
      : new THREE.Vector3(...placeOf(lens)).sub(new THREE.Vector3(...own));
  }

  private follow(): void {
    const { followed } = this.parts.view.choices;
    const [result] = this.parts.results;
    if (followed === null || result === undefined) return;
    const points = result.pose(followed, this.frameOf(0));
    if (points === null) return;
    const root = Math.max(0, result.skeleton.parents.indexOf(-1));
    const now = new THREE.Vector3().fromArray(points, 3 * root).setZ(0);
    if (this.followedAt !== null) this.rig.shift(now.clone().sub(this.followedAt));
    this.followedAt = now;
  }

  private frameOf(result: number): number {
    const { playback, results } = this.parts;
    return result === 0 ? playback.frame : (results[result]?.frameAt(playback.time) ?? 0);
  }
}

const ORIGIN = new THREE.Vector3();

/** The box that all people stay in, of all results. */
function boxOf(header: Header): THREE.Box3 {
  const box = new THREE.Box3();
  for (const { bounds } of header.results) {
    if (bounds !== null) for (const corner of bounds) box.expandByPoint(new THREE.Vector3(...corner));
  }
  if (box.isEmpty()) box.set(new THREE.Vector3(-1, -1, 0), new THREE.Vector3(1, 1, 1.8));
  box.min.z = Math.min(0, box.min.z);
  return box;
}

function placeOf(lens: LensHeader): readonly [number, number, number] {
  return Object.values(lens.places)[0] ?? [0, 0, 0];
}

/** The sky's light, and the sun's, which throws the shadows. */
function lights(middle: THREE.Vector3, reach: number): THREE.Object3D[] {
  const sky = new THREE.HemisphereLight(0xffffff, 0x8d93a0, 1.9);
  sky.position.set(0, 0, 1);
  const sun = new THREE.DirectionalLight(0xffffff, 1.9);
  sun.position.copy(middle).add(new THREE.Vector3(-0.35, -0.5, 1).multiplyScalar(3 * reach));
  sun.target.position.copy(middle);
  sun.castShadow = true;
  sun.shadow.mapSize.set(2048, 2048);
  sun.shadow.radius = 6;
  sun.shadow.normalBias = 0.02;
  Object.assign(sun.shadow.camera, { left: -reach, right: reach, top: reach, bottom: -reach, near: 0.1, far: 8 * reach });
  return [sky, sun, sun.target];
}
