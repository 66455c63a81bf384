"""Live: the error by the delay that is allowed, and the delay and the rate of the whole way: `bench_live.py`.

On the three mannequin clips that nothing was trained on: people are found in every frame, and lifted as if the clip
came from a camera, at each latency; beside it all at once, as offline without solving the whole clip. Then clips are
watched at their own pace, at 480p and 720p, by the default detector and its lite model: seconds from picture to figure,
figures a second, and processor time for each. Nothing else should run meanwhile.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

import in_the_wild as iw
from in_the_wild import api
from in_the_wild.live.causal import LATENCY, CausalLifter, as_it_came
from in_the_wild.live.loop import watch
from in_the_wild.video.encoder import ffmpeg_binary
from in_the_wild.video.footage import Video
from pose3d_cli.datasets.synthetic import clips
from pose3d_cli.metrics.against_truth import compare, read_truth

LATENCIES = (0.0, 0.1, 0.2, 0.4, 1.0)
DETECTORS = ("blazepose", "blazepose:model=lite")


def errors(lifter: iw.TrainedLifter, folder: Path) -> None:
    """Print the error at each latency."""
    found = {}
    for name in clips.EVALUATION_CLIPS:
        video, truth = clips.make(name, folder)
        found[name] = iw.detect(video, "blazepose:looks=every"), read_truth(truth)
    print("latency: MPJPE / P-MPJPE / acceleration error, mm, mean of the three")
    for latency in (*LATENCIES, None):
        rows = []
        for keypoints, true in found.values():
            live = None if latency is None else CausalLifter(lifter, latency=latency)
            poses = lifter.lift(keypoints) if live is None else as_it_came(keypoints, live)
            error = compare({"live": poses}, true)["live"]
            rows.append((error.mpjpe, error.p_mpjpe, error.acceleration))
        print(f"  {latency}: {' / '.join(f'{value:.1f}' for value in np.mean(rows, axis=0))}", flush=True)


def scaled(video: Path, path: Path, height: int) -> Path:
    """The same video in another size."""
    command = [ffmpeg_binary(), "-v", "error", "-y", "-i", str(video), "-vf", f"scale=-2:{height}", "-an", str(path)]
    subprocess.run(command, check=True)
    return path


def delays(lifter: iw.TrainedLifter, video: Path, detector: str) -> None:
    """Print how late figures of a clip are at its own pace, and how many there are."""
    with api.make_finder(detector, persons=1) as finder:
        began, cpu = time.monotonic(), time.process_time()
        shown = list(watch(Video(video), finder.detector, CausalLifter(lifter)))
        seconds, spent = time.monotonic() - began, time.process_time() - cpu
    late = np.array([figures.delay for figures in shown])
    print(
        f"  {video.name}, {detector}: {np.median(late):.3f} s (95 %: {np.percentile(late, 95):.3f}) at a latency of "
        f"{LATENCY} s, {len(shown) / seconds:.1f} figures/s, {shown[-1].dropped} left out, "
        f"{1000 * spent / len(shown):.0f} ms of a processor each",
        flush=True,
    )


def main() -> None:
    """Run everything."""
    torch.set_num_threads(1)  # as the command does
    lifter = iw.load_lifter()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        errors(lifter, folder)
        demo, _ = clips.make("demo", folder)
        print("delay of the whole way")
        for height in (480, 720):
            video = scaled(demo, folder / f"{height}p.mp4", height)
            for detector in DETECTORS:
                delays(lifter, video, detector)


if __name__ == "__main__":
    main()
