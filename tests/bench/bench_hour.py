"""An hour of 720p through a whole run: `bench_hour.py [--minutes N] [--keep FOLDER]`.

The demo at 1280x720 and 25 frames/s, there and back again for so many minutes, goes through `pose3d run` with its film
and its page. Printed are what that took and the most memory, whether the result is whole, and its error in the first
minute and in the last. Then its keypoints are cleaned, lifted and solved in two pieces that share half a minute, joined
in the middle of that; printed is how far what is joined lies from what is made at once. FOLDER keeps the video and the
result: one that is there is not made again.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import av
import back_and_forth
import numpy as np
from watched import begun, costs

import in_the_wild as iw
from in_the_wild.leftovers import RECORD
from in_the_wild.lens import ASSUMED
from in_the_wild.pipeline import lift_people, refine_people
from in_the_wild.poses import Poses
from in_the_wild.refiners.whole_clip import WholeClip
from in_the_wild.steps.clean import clean
from in_the_wild.steps.lift import TrainedLifter
from in_the_wild.video.encoder import ffmpeg_binary
from pose3d_cli.datasets.synthetic import clips
from pose3d_cli.metrics.against_truth import Truth, compare, read_truth

_FPS, _SIZE = 25, "1280:720"
_SHARED = 30.0  # seconds


def make_video(path: Path, truth: Truth, minutes: float) -> Truth:
    """The demo, there and back again for so many minutes, and its truth."""
    period, count = len(truth.joints), round(60 * minutes * _FPS)
    back = back_and_forth.frames(period, count)
    if not path.exists():
        video, _ = clips.make("demo", path.parent)
        once = path.with_name("once.mp4")
        # Times are counted anew: what is turned round else begins where it ended.
        times = f"setpts=N/{_FPS}/TB"
        back_again = f"reverse,trim=start_frame=1:end_frame={period - 1},{times}"
        turned = f"{times},scale={_SIZE},split[a][b];[b]{back_again}[c];[a][c]concat,{times}"
        _ffmpeg("-i", video, "-filter_complex", turned, "-r", _FPS, "-preset", "fast", "-crf", 20, once)
        _ffmpeg("-stream_loop", -1, "-i", once, "-c", "copy", "-frames:v", count, path)
    return Truth(joints=truth.joints[back], visible=truth.visible[back])


def _ffmpeg(*arguments: object) -> None:
    """Run ffmpeg, silent."""
    subprocess.run([ffmpeg_binary(), "-nostdin", "-y", "-loglevel", "error", *map(str, arguments)], check=True)


# ------------------------------------------------------------------------------------------------ the run


def run(video: Path, out: Path) -> None:
    """Run `pose3d run`, and print what it cost."""
    process = begun("run", video, "-o", out, "--quiet")
    with costs(process.pid) as cost:
        process.communicate()
    if process.returncode:
        sys.exit(f"the run ended with exit code {process.returncode}")
    record = json.loads((out / video.stem / RECORD).read_text())
    frames = record["frames"]
    print(
        f"{frames} frames: {cost}; {frames / cost.seconds:.1f} frames/s, {1000 * cost.cpu / frames:.1f} CPU ms a frame"
    )
    print("seconds: " + ", ".join(f"{stage} {taken:.0f}" for stage, taken in record["seconds"].items()), flush=True)


# ------------------------------------------------------------------------------------------------ its result


def check_whole(result: Path, truth: Truth) -> None:
    """Refuse a result that lacks anything; print its error in the first minute and in the last."""
    poses = iw.load(result / "poses3d.npz")
    count = len(truth.joints)
    frames, people = np.unique(poses.frame), len(poses.persons)
    print(f"rows in {len(frames)} of {count} frames, {people} people, {_frames(result / 'overlay.mp4')} frames of film")
    print(f"finite: {bool(np.isfinite(poses.keypoints).all())}; ", end="")
    minute = 60 * _FPS
    for name, part in (("first minute", slice(0, minute)), ("last", slice(count - minute, count))):
        within = np.zeros(count, bool)
        within[part] = True
        found = compare({name: poses}, Truth(joints=truth.joints, visible=truth.visible & within))[name]
        print(f"{name} {found.mpjpe:.1f} / {found.p_mpjpe:.1f} / {found.acceleration:.1f} mm", end="; ")
    print(flush=True)


def _frames(film: Path) -> int:
    """The frames that a film has."""
    with av.open(str(film)) as container:
        return sum(packet.pts is not None for packet in container.demux(video=0))


def compare_pieces(result: Path) -> None:
    """Print how far two pieces that overlap, joined, lie from what is made at once."""
    keypoints = iw.load(result / "poses2d.npz")
    lifter = iw.load_lifter("pstmo_coco")
    middle, more = keypoints.video.frames // 2, round(_SHARED / 2 * _FPS)
    whole = _made(keypoints, lifter)
    pieces = [
        [made.rows(made.frame < middle) for made in _made(keypoints.rows(keypoints.frame < middle + more), lifter)],
        [made.rows(made.frame >= middle) for made in _made(keypoints.rows(keypoints.frame >= middle - more), lifter)],
    ]
    for number, what in enumerate(("lifted", "solved")):
        at_once = whole[number].keypoints
        joined = np.concatenate([piece[number].keypoints for piece in pieces])
        apart = 1000 * np.linalg.norm(joined - at_once, axis=-1)
        print(
            f"{what} in two pieces: {apart.mean():.4f} mm from at once on average, {apart.max():.4f} at most",
            flush=True,
        )


def _made(keypoints: Poses, lifter: TrainedLifter) -> tuple[Poses, Poses]:
    """What is lifted, and what is solved."""
    keypoints = clean(keypoints)
    poses = lift_people(keypoints, lifter, ASSUMED)
    return poses, refine_people(poses, [WholeClip().seeing(keypoints)])


def main(minutes: float, folder: Path) -> None:
    """Make, run, check."""
    folder.mkdir(parents=True, exist_ok=True)
    truth = make_video(folder / "hour.mp4", read_truth(clips.make("demo", folder)[1]), minutes)
    if not (folder / "out" / "hour" / RECORD).exists():
        run(folder / "hour.mp4", folder / "out")
    check_whole(folder / "out" / "hour", truth)
    compare_pieces(folder / "out" / "hour")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        main(given.minutes, given.keep or Path(temporary))
