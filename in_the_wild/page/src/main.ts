// Puts the page together: the data, the moment, what is chosen, and everything that shows them.
import { Actions, bindingsOf } from "./actions.ts";
import { chooser, presetsOf, views } from "./chooser.ts";
import { controls } from "./controls.ts";
import { Result } from "./data.ts";
import { element } from "./elements.ts";
import { dataOf, readHeader } from "./header.ts";
import type { Header } from "./header.ts";
import { iconButton } from "./icons.ts";
import { Inspector } from "./inspector.ts";
import { firstJoint } from "./joints.ts";
import { helpOf, obey } from "./keyboard.ts";
import { Live } from "./live.ts";
import { Marks } from "./measure.ts";
import { notes } from "./notes.ts";
import { Playback } from "./playback.ts";
import { Scene } from "./scene.ts";
import type { Parts } from "./scene.ts";
import { Themes } from "./themes.ts";
import { Timeline } from "./timeline.ts";
import { Video } from "./video.ts";
import { View } from "./view.ts";

async function main(): Promise<void> {
  const header = readHeader();
  const themes = new Themes(header.look);
  const results = await Promise.all(header.results.map((one) => Result.open(one)));
  await Promise.all(results.map((result) => result.load(0)));
  const playback = new Playback(results[0]?.times ?? new Float64Array());
  const parts = { header, results, playback, view: new View(), themes };

  const picture = element("section", { class: "picture" });
  const space = element("section", { class: "space", "aria-label": "3D scene" }, views(parts));
  const stage = element("div", { class: "stage" }, picture, space);
  stage.style.setProperty("--aspect", `${header.video.width} / ${header.video.height}`);
  document.getElementById("app")?.append(stage);
  if (header.live === null) showVideo(header, playback, picture);
  const scene = new Scene(space, parts);
  parts.view.subscribe(() => {
    stage.dataset["preset"] = parts.view.choices.preset;
  });
  const marks = new Marks(scene, parts);
  space.append(marks.element);
  keepGoing(playback, scene, marks);
  if (header.live === null) surround(parts, stage, scene, marks);
  else accompany(header.live, parts, stage, picture, scene);
}

/** What goes on now, and the little that stands around it. */
function accompany(address: string, parts: Parts, stage: HTMLElement, picture: HTMLElement, scene: Scene): void {
  const { header, themes } = parts;
  let people = chooser(parts);
  const live = new Live(address, parts, () => {
    scene.admit();
    const all = chooser(parts);
    people.replaceWith(all);
    people = all;
  });
  const theme = iconButton("theme", "Dark or light", () => {
    themes.flip();
  });
  const actions = element("div", { class: "group actions", role: "group", "aria-label": "Page" }, theme);
  stage.before(element("header", {}, element("h1", {}, header.video.name), people, actions));
  picture.append(live.picture);
  stage.after(live.said);
}

/** What stands around the pictures. */
function surround(parts: Parts, stage: HTMLElement, scene: Scene, marks: Marks): void {
  const { header, results, playback, view } = parts;
  const actions = new Actions(parts, () => {
    scene.refresh();
    scene.draw();
    return { stage, video: stage.querySelector("video"), scene: scene.canvas };
  });
  const inspector = new Inspector(parts, new Timeline(parts).element, (study) => {
    marks.show(study);
  });
  const help = (): void => {
    dialog.showModal();
  };
  const trail = (): void => {
    inspector.toggleTrail();
  };
  const bindings = bindingsOf(parts, actions, presetsOf(parts), { trail, help });
  const dialog = helpOf(bindings);
  obey(bindings);
  const title = element("h1", {}, header.video.name);
  stage.before(element("header", {}, title, chooser(parts), actions.buttons(help)));
  stage.after(inspector.element, controls(playback), notes(header), actions.said, dialog);

  const [result] = results;
  const person = result?.people[0]?.id;
  if (person !== undefined) view.change({ selected: [{ result: 0, person, joint: firstJoint(result) }] });
  void Promise.all(results.map((one) => one.load(0, one.frames - 1))).then(() => {
    inspector.begin();
  });
}

/** The video or the picture, or why there is none. */
function showVideo(header: Header, playback: Playback, place: HTMLElement): void {
  const source = dataOf("video").trim();
  const missing = (): void => {
    place.replaceChildren(element("p", { class: "missing" }, header.video.missing));
  };
  if (source === "") missing();
  else if (source.startsWith("data:image/")) place.append(element("img", { src: source, alt: header.video.name }));
  else place.append(new Video(source, header.video, playback, missing).element);
}

/** Let time pass, and draw what has changed. */
function keepGoing(playback: Playback, scene: Scene, marks: Marks): void {
  let before = performance.now();
  const next = (now: number): void => {
    playback.pass((now - before) / 1000);
    before = now;
    if (scene.draw()) marks.update();
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
}

void main();
