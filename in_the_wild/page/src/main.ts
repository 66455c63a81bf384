// Puts the page together: the data, the moment, what is chosen, and everything that shows them.
import { chooser } from "./chooser.ts";
import { controls } from "./controls.ts";
import { Result } from "./data.ts";
import { element } from "./elements.ts";
import { dataOf, readHeader } from "./header.ts";
import type { Header } from "./header.ts";
import { notes } from "./notes.ts";
import { Playback } from "./playback.ts";
import { Scene } from "./scene.ts";
import { Themes } from "./themes.ts";
import { Video } from "./video.ts";
import { View } from "./view.ts";

async function main(): Promise<void> {
  const header = readHeader();
  const themes = new Themes(header.look);
  const results = await Promise.all(header.results.map((one) => Result.open(one)));
  await Promise.all(results.map((result) => result.load(0)));
  const playback = new Playback(results[0]?.times ?? new Float64Array());
  const parts = { header, results, playback, view: new View(), themes };

  const app = document.getElementById("app");
  const picture = element("section", { class: "picture" });
  const space = element("section", { class: "space", "aria-label": "3D scene" });
  const stage = element("div", { class: "stage" }, picture, space);
  const title = element("h1", {}, header.video.name);
  app?.append(element("header", {}, title, chooser(parts)), stage, controls(playback), notes(header));

  showVideo(header, playback, picture);
  const scene = new Scene(space, parts);
  parts.view.subscribe(() => {
    stage.dataset["preset"] = parts.view.choices.preset;
  });
  keepGoing(playback, scene);
}

function showVideo(header: Header, playback: Playback, place: HTMLElement): void {
  const source = dataOf("video").trim();
  const missing = (why: string): void => {
    place.replaceChildren(element("p", { class: "missing" }, why));
  };
  if (source === "") missing(header.video.missing);
  else place.append(new Video(source, header.video, playback, missing).element);
}

/** Let time pass, and draw what has changed. */
function keepGoing(playback: Playback, scene: Scene): void {
  let before = performance.now();
  const next = (now: number): void => {
    playback.pass((now - before) / 1000);
    before = now;
    scene.draw();
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
}

void main();
