// Where a lens that bends light shows what a camera without faults would see: what the video's own camera saw lies on
// its picture then, whatever its lens.
//
// in_the_wild/calibration/base.py is the other side. It knows nothing about what is drawn.
import type { CalibrationHeader, LensHeader, VideoHeader } from "./header.ts";

/** x / z and y / z of a direction from the camera, or pixels. */
type Pair = readonly [number, number];

/**
 * Points moved so that a camera with the lens's focal length, and nothing bent, sees them where the lens shows them.
 *
 * @param points (J, 3) metres in the world.
 * @param place Where the camera stands, metres.
 */
export function bent(points: Float32Array, lens: LensHeader, video: VideoHeader, place: readonly number[]): Float32Array {
  const { calibration, axes, focal } = lens;
  if (calibration === null) return points;
  const moved = new Float32Array(points.length);
  for (let k = 0; k < points.length; k += 3) {
    const from = [0, 1, 2].map((axis) => (points[k + axis] ?? 0) - (place[axis] ?? 0));
    const [x = 0, y = 0, z = 0] = axes.map((axis) => axis.reduce((sum, value, at) => sum + value * (from[at] ?? 0), 0));
    const [u, v] = z > 0 ? pixelOf([x / z, y / z], calibration) : [NaN, NaN];
    const seen = [((u - video.width / 2) / focal) * z, ((v - video.height / 2) / focal) * z, z];
    for (let axis = 0; axis < 3; axis++) {
      const along = axes.reduce((sum, direction, at) => sum + (direction[axis] ?? 0) * (seen[at] ?? 0), 0);
      moved[k + axis] = Number.isNaN(along) ? (points[k + axis] ?? 0) : along + (place[axis] ?? 0);
    }
  }
  return moved;
}

/** The pixel at which a lens shows a direction; beyond its picture, where nobody measured how it bends, straight on. */
export function pixelOf([x, y]: Pair, calibration: CalibrationHeader): Pair {
  const { focal, centre, fisheye, distortion, reach } = calibration;
  const away = Math.hypot(x, y);
  const within = away > reach ? reach / away : 1;
  const [a, b] = (fisheye ? bentByFisheye : bentByLens)([x * within, y * within], distortion);
  const beyond = 1 - within;
  return [focal[0] * (a + beyond * x) + centre[0], focal[1] * (b + beyond * y) + centre[1]];
}

/** OpenCV's model of an ordinary lens: radial, tangential, and of a thin prism. */
function bentByLens([x, y]: Pair, distortion: readonly number[]): Pair {
  const [k1 = 0, k2 = 0, p1 = 0, p2 = 0, k3 = 0, k4 = 0, k5 = 0, k6 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0] = distortion;
  const r2 = x * x + y * y;
  const radial = (1 + r2 * (k1 + r2 * (k2 + r2 * k3))) / (1 + r2 * (k4 + r2 * (k5 + r2 * k6)));
  return [
    x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x) + r2 * (s1 + r2 * s2),
    y * radial + 2 * p2 * x * y + p1 * (r2 + 2 * y * y) + r2 * (s3 + r2 * s4),
  ];
}

/** OpenCV's model of a fisheye. */
function bentByFisheye([x, y]: Pair, [k1 = 0, k2 = 0, k3 = 0, k4 = 0]: readonly number[]): Pair {
  const away = Math.hypot(x, y);
  if (away < 1e-9) return [x, y];
  const angle = Math.atan(away);
  const a2 = angle * angle;
  const scale = (angle * (1 + a2 * (k1 + a2 * (k2 + a2 * (k3 + a2 * k4))))) / away;
  return [x * scale, y * scale];
}
