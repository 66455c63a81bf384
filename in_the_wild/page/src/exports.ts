// What goes out of the page as files: what is seen as a picture, and a stretch of the poses as a table.
//
// The table is that of `pose3d export csv`, and is read again like it.
import type { Result } from "./data.ts";

/** A table of poses, one row for each person, frame and joint; frames from the first to the last, both included. */
export function tableOf(result: Result, people: readonly number[], [first, last]: readonly [number, number]): string {
  const { header, skeleton } = result;
  const { joints } = skeleton;
  const more = [...(header.hasErrors ? ["error_mm"] : []), ...(header.reasons === null ? [] : ["reason"])];
  const lines = [["seconds,frame,person,joint,x_m,y_m,z_m,score", ...more, "space"].join(",")];
  for (let frame = first; frame <= last; frame++) {
    const seconds = short(result.times[frame] ?? 0, 6);
    for (const person of people) {
      const [pose, scores] = [result.pose(person, frame), result.scores(person, frame)];
      const known = [result.errors(person, frame), result.reasons(person, frame)].filter((values) => values !== null);
      if (pose === null || scores === null) continue;
      joints.forEach((joint, at) => {
        const place = Array.from(pose.subarray(3 * at, 3 * at + 3), (metres) => short(metres, 4));
        lines.push([seconds, frame, person, quoted(joint), ...place, short(scores[at] ?? 0, 2), ...known.map((values) => values[at] ?? 0), "world"].join(","));
      });
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Parts of the page that are copied into a picture, the lowest first. */
export interface Layers {
  readonly stage: HTMLElement;
  readonly background: string;
  readonly video: HTMLVideoElement | null;
  readonly scene: HTMLCanvasElement;
}

/**
 * What is seen as a PNG, at the screen's own resolution.
 *
 * A browser does not let a page copy a video that lies beside it; then the picture is without it.
 */
export async function pictureOf(layers: Layers): Promise<{ readonly file: Blob; readonly hasVideo: boolean }> {
  if (layers.video !== null) {
    const file = await drawn(layers).catch(() => null);
    if (file !== null) return { file, hasVideo: true };
  }
  return { file: await drawn({ ...layers, video: null }), hasVideo: false };
}

/** Let the browser save a file. */
export function save(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(link.href);
  }, 60_000);
}

async function drawn({ stage, background, video, scene }: Layers): Promise<Blob> {
  const canvas = document.createElement("canvas");
  const within = (video === null ? scene : stage).getBoundingClientRect();
  const density = window.devicePixelRatio;
  canvas.width = Math.round(within.width * density);
  canvas.height = Math.round(within.height * density);
  const pen = canvas.getContext("2d");
  if (pen === null) throw new Error("This browser draws no pictures.");
  pen.scale(density, density);
  pen.translate(-within.left, -within.top);
  pen.fillStyle = background;
  pen.fillRect(within.left, within.top, within.width, within.height);
  if (video !== null) drawVideo(pen, video);
  const { left, top, width, height } = scene.getBoundingClientRect();
  pen.drawImage(scene, left, top, width, height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((file) => {
      if (file === null) reject(new Error("This browser makes no PNG."));
      else resolve(file);
    }, "image/png");
  });
}

/** A video as it is seen: fitted into its element, turned as that is. */
function drawVideo(pen: CanvasRenderingContext2D, video: HTMLVideoElement): void {
  const { left, top, width, height } = video.getBoundingClientRect();
  const scale = Math.min(video.clientWidth / video.videoWidth, video.clientHeight / video.videoHeight);
  const size = [video.videoWidth * scale, video.videoHeight * scale] as const;
  const { a, b, c, d } = new DOMMatrix(getComputedStyle(video).transform);
  pen.save();
  pen.translate(left + width / 2, top + height / 2);
  pen.transform(a, b, c, d, 0, 0);
  pen.drawImage(video, -size[0] / 2, -size[1] / 2, ...size);
  pen.restore();
}

/** A number with so many digits behind the point, without noughts at its end. */
function short(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}

function quoted(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
