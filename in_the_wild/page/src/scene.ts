// The 3D scene: everybody of every result at one moment, on the floor, in soft light.
//
// It draws when something has changed, and knows nothing about what makes the moment pass.
import * as THREE from "three";
import { Body } from "./body.ts";
import type { Result } from "./data.ts";
import { doubtsOf } from "./doubt.ts";
import { boxOf, cloudOf } from "./extent.ts";
import { Floor } from "./floor.ts";
import { isWithoutCard } from "./graphics.ts";
import type { Colour, Header, LensHeader } from "./header.ts";
import { bent } from "./lens.ts";
import { Light } from "./light.ts";
import { rootOf } from "./named.ts";
import type { Playback } from "./playback.ts";
import { Rig } from "./rig.ts";
import { Ruler } from "./ruler.ts";
import { inTurn, ownColour } from "./themes.ts";
import type { Themes } from "./themes.ts";
import { Trails } from "./trails.ts";
import type { Choices, JointOf, View } from "./view.ts";

/** Pixels from a joint within which it is meant. */
const REACH = 22;
const ORIGIN = new THREE.Vector3();

export interface Parts {
  readonly header: Header;
  readonly results: readonly Result[];
  readonly playback: Playback;
  readonly view: View;
  readonly themes: Themes;
}

export class Scene {
  readonly canvas: HTMLCanvasElement;
  private readonly rig: Rig;
  private readonly renderer = new THREE.WebGLRenderer({ antialias: true, alpha: true });
  private readonly scene = new THREE.Scene();
  private readonly box: THREE.Box3;
  private readonly floor: Floor;
  private readonly light: Light;
  private readonly ruler: Ruler;
  private readonly bodies: Body[] = [];
  private readonly trails: Trails;
  private stale = true;
  private chosen: Choices | null = null;
  private followedAt: THREE.Vector3 | null = null;
  /** Where people were expected, of a page that opens before they come. */
  private lookedAt: THREE.Vector3 | null = null;

  /** @param place The element that it fills. */
  constructor(
    private readonly place: HTMLElement,
    private readonly parts: Parts,
  ) {
    const { header, results } = parts;
    this.renderer.shadowMap.enabled = !isWithoutCard(this.renderer.getContext());
    this.renderer.shadowMap.type = THREE.VSMShadowMap;
    this.canvas = this.renderer.domElement;
    place.append(this.canvas);
    this.rig = new Rig(this.canvas, () => {
      this.stale = true;
    });
    this.box = boxOf(header);
    if (header.live !== null) this.lookedAt = this.box.getCenter(new THREE.Vector3()).setZ(0);
    this.floor = new Floor(this.box);
    this.light = new Light();
    this.ruler = new Ruler(this.box.min, header.look);
    this.trails = new Trails(results);
    this.scene.add(this.floor.group, this.light.group, this.ruler.group, this.trails.group);
    this.admit();
    this.listen();
  }

  /** Let in whoever has no body yet; somebody may come while the page is open. */
  admit(): void {
    const { header, results } = this.parts;
    results.forEach((of, result) => {
      const there = this.bodies.filter((body) => body.result === result).length;
      for (const one of of.people.slice(there)) {
        const body = new Body(result, one, of, header.look);
        this.bodies.push(body);
        this.scene.add(body.group);
      }
    });
    this.paint();
  }

  /** Draw, if something has changed since the last time; whether it had. */
  draw(): boolean {
    if (!this.stale) return false;
    this.stale = false;
    for (const label of [this.ruler.label, ...this.bodies.map(({ label }) => label)]) label.fit(this.rig.camera);
    this.renderer.render(this.scene, this.rig.camera);
    return true;
  }

  /** Draw again at the next opportunity. */
  refresh(): void {
    this.stale = true;
  }

  /** Look at all of the people again, from where the chosen view looks. */
  frame(): void {
    const { preset } = this.parts.view.choices;
    const lens = this.lens();
    if (preset !== "camera") this.rig.look(preset, cloudOf(this.parts.results, this.box));
    else if (lens !== null) this.rig.lookThrough(lens, this.parts.header.video, placeOf(lens));
    this.followedAt = null;
    for (const group of [this.floor.grid, this.ruler.group]) group.visible = preset !== "camera";
    this.pose();
  }

  /** Where a joint is on the canvas, in pixels of styles; null where it is not shown. */
  project({ result, person, joint }: JointOf): { x: number; y: number } | null {
    const body = this.bodies.find((one) => one.result === result && one.person.id === person);
    const points = body === undefined ? null : this.points(body, this.frameOf(result));
    if (body === undefined || points === null || !body.group.visible) return null;
    const seen = new THREE.Vector3().fromArray(points, 3 * joint).add(body.group.position).project(this.rig.camera);
    const { clientWidth: width, clientHeight: height } = this.canvas;
    return seen.z > 1 ? null : { x: ((seen.x + 1) / 2) * width, y: ((1 - seen.y) / 2) * height };
  }

  /** The joint that is meant by a point of the canvas; null where none is near. */
  pick(x: number, y: number): JointOf | null {
    let [best, nearest]: [JointOf | null, number] = [null, REACH];
    for (const { result, person } of this.bodies) {
      this.parts.results[result]?.skeleton.joints.forEach((_, joint) => {
        const at = this.project({ result, person: person.id, joint });
        const distance = at === null ? Infinity : Math.hypot(at.x - x, at.y - y);
        if (distance < nearest) [best, nearest] = [{ result, person: person.id, joint }, distance];
      });
    }
    return best;
  }

  /** The frame of a result that is shown: results of one video may have frames of their own. */
  frameOf(result: number): number {
    const { playback, results } = this.parts;
    return result === 0 ? playback.frame : (results[result]?.frameAt(playback.time) ?? 0);
  }

  private listen(): void {
    const { playback, view, themes } = this.parts;
    const resized = new ResizeObserver(() => {
      this.resize();
    });
    resized.observe(this.place);
    playback.subscribe(() => {
      this.pose();
    });
    view.subscribe(() => {
      this.choose();
    });
    themes.subscribe(() => {
      this.paint();
    });
    this.resize();
    this.paint();
    this.choose();
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.place;
    if (width === 0 || height === 0) return;
    this.renderer.setPixelRatio(Math.min(window.devicePixelRatio, 2));
    this.renderer.setSize(width, height);
    this.rig.resize(width, height);
    if (!this.rig.moved) this.frame();
    // Otherwise the canvas stays empty until the next picture.
    this.stale = true;
    this.draw();
  }

  private choose(): void {
    const { choices } = this.parts.view;
    const before = this.chosen;
    this.chosen = choices;
    if (before?.followed !== choices.followed) this.followedAt = null;
    if (before?.preset !== choices.preset) this.frame();
    else this.pose();
  }

  private lens(): LensHeader | null {
    return this.parts.header.results.find(({ lens }) => lens !== null)?.lens ?? null;
  }

  private paint(): void {
    const { theme } = this.parts.themes;
    const compared = this.parts.results.length > 1;
    for (const body of this.bodies) {
      const paint = compared ? inTurn(theme.results, body.result) : theme.sides;
      body.colour(paint, inTurn(theme.people, body.person.id), theme);
    }
    this.floor.paint(theme);
    this.ruler.paint(theme);
    this.pose();
  }

  /** Everybody as at the moment; frames that are not decoded yet are shown as soon as they are. */
  private pose(): void {
    const { header, results, view } = this.parts;
    const { hiddenPeople, hiddenResults, preset } = view.choices;
    const several = (results[0]?.people.length ?? 0) > 1;
    for (const [place, result] of results.entries()) this.decode(result, this.frameOf(place));
    for (const body of this.bodies) {
      const frame = this.frameOf(body.result);
      const id = body.person.id;
      const result = results[body.result];
      const [points, doubts] = [this.points(body, frame), result === undefined ? null : doubtsOf(header.look, result, id, frame)];
      const hidden = hiddenPeople.has(id) || hiddenResults.has(body.result);
      body.group.visible = Boolean(points && doubts) && !hidden;
      body.show(preset !== "camera", several);
      body.group.position.copy(this.offset(body));
      if (points && doubts && !hidden) body.pose(points, doubts);
    }
    this.trails.place(view.choices, this.bodies, this.parts.themes.theme, {
      frameOf: (result) => this.frameOf(result),
      pointsOf: (body, frame) => this.points(body, frame),
      colourOf: (body) => this.colourOf(body),
    });
    this.light.aim(this.middle());
    this.follow();
    this.stale = true;
  }

  /** Somebody's joints in a frame; seen as the video's camera does, where its lens shows them. */
  private points({ result, person }: Body, frame: number): Float32Array | null {
    const points = this.parts.results[result]?.pose(person.id, frame) ?? null;
    const lens = this.parts.header.results[result]?.lens ?? null;
    const place = lens?.places[String(person.id)];
    if (this.parts.view.choices.preset !== "camera" || points === null || lens === null || place === undefined) return points;
    return bent(points, lens, this.parts.header.video, place);
  }

  private decode(result: Result, frame: number): void {
    if (result.isLoaded(frame)) return;
    void result.load(frame).then(() => {
      this.pose();
    });
  }

  private colourOf(body: Body): Colour {
    const { results, themes } = this.parts;
    return ownColour(themes.theme, results.length > 1, body.result, body.person.id);
  }

  /** The middle of those who are shown, on the floor. */
  private middle(): THREE.Vector3 {
    const shown = new THREE.Box3();
    for (const { group, label } of this.bodies) if (group.visible) shown.expandByPoint(label.sprite.position);
    return (shown.isEmpty() ? this.box : shown).getCenter(new THREE.Vector3()).setZ(0);
  }

  /** How far somebody stands from where the video's camera saw him: each is put on the floor by himself. */
  private offset({ result, person }: Body): THREE.Vector3 {
    const [lens, own] = [this.lens(), this.parts.header.results[result]?.lens?.places[String(person.id)]];
    if (this.parts.view.choices.preset !== "camera" || lens === null || own === undefined) return ORIGIN;
    return new THREE.Vector3(...placeOf(lens)).sub(new THREE.Vector3(...own));
  }

  private follow(): void {
    const { followed } = this.parts.view.choices;
    const [result] = this.parts.results;
    const points = followed === null ? null : result?.pose(followed, this.frameOf(0));
    if (result === undefined || !points) return;
    const now = new THREE.Vector3().fromArray(points, 3 * rootOf(result.skeleton)).setZ(0);
    const before = this.followedAt ?? this.lookedAt;
    if (before !== null) this.rig.shift(now.clone().sub(before));
    this.lookedAt = null;
    this.followedAt = now;
  }
}

function placeOf(lens: LensHeader): readonly [number, number, number] {
  return Object.values(lens.places)[0] ?? [0, 0, 0];
}
