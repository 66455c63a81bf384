"""What was shown, kept: the files that a run of a video leaves, and the pictures themselves.

    recording.mkv    the pictures that were shown, written as they come; it can be read up to where it got, even when
                     the program is killed, and `pose3d run` makes everything else of it
    poses2d.npz ...  at the end, whole: keypoints and poses as they were shown, first of all; then film and page

It knows nothing about where pictures come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import av
import av.container
import av.error
import numpy as np
from av.video.reformatter import ColorRange, Colorspace

from in_the_wild.assumptions import assumptions
from in_the_wild.errors import InputError, OutputError
from in_the_wild.files import make_writable
from in_the_wild.leftovers import DRAWINGS, JOINTS, KEYPOINTS, RECORD
from in_the_wild.lens import Lens
from in_the_wild.live.loop import Figures, joined
from in_the_wild.poses import Poses
from in_the_wild.progress import Report, silent
from in_the_wild.result import Output, Result
from in_the_wild.steps.show import export, film, page
from in_the_wild.video.footage import Video
from in_the_wild.video.read import VideoReader

RECORDING = "recording.mkv"
_TICKS = 1000  # a second: pictures come with times to the millisecond
_TOGETHER = 512  # frames that are put together while it goes on
# Quick, of good quality, and nothing held back: what was shown is in the file.
_ENCODING = {"preset": "superfast", "crf": "20", "tune": "zerolatency"}
_MUXING = {"flush_packets": "1", "cluster_time_limit": "1000"}


class Recording:
    """Keeps what is shown, as a context manager that ends the recording; `finish` then makes all else of it.

    Args:
        output: Where, and which files.
        name: What was looked at.

    Raises:
        InputError: the folder holds results already, and nobody said that they may go.
        OutputError: it cannot be written to.
    """

    def __init__(self, output: Output, name: str) -> None:
        self._output, self._name = output, name
        there = [one for one in (RECORDING, KEYPOINTS, JOINTS) if (output.folder / one).exists()]
        if there and not output.overwrite:
            raise InputError(
                f"{output.folder} holds results already ({there[0]}); choose another output folder, or --overwrite."
            )
        make_writable(output.folder)
        for old in (*there, *DRAWINGS, RECORD):
            (output.folder / old).unlink(missing_ok=True)
        self._container: av.container.OutputContainer | None = None
        self._stream: av.VideoStream | None = None
        self._keypoints: list[Poses] = []
        self._poses: list[Poses] = []

    @property
    def folder(self) -> Path:
        """Where it goes."""
        return self._output.folder

    def __enter__(self) -> Recording:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        container, self._container = self._container, None
        if container is not None and self._stream is not None:
            try:
                container.mux(self._stream.encode(None))
                container.close()
            except (av.error.FFmpegError, OSError) as failed:
                raise self._cannot(failed) from failed

    def add(self, figures: Figures) -> None:
        """What is shown next.

        Raises:
            OutputError: it cannot be written, as on a full disk.
        """
        try:
            self._write(figures.image, figures.time)
        except (av.error.FFmpegError, OSError) as error:
            raise self._cannot(error) from error
        self._keypoints.append(figures.keypoints)
        self._poses.append(figures.poses)
        if len(self._poses) % _TOGETHER == 0:
            for parts in (self._keypoints, self._poses):
                parts[-_TOGETHER:] = [joined(parts[-_TOGETHER:])]

    def finish(self, lens: Lens, options: Mapping[str, Any], *, report: Report = silent) -> Result:
        """Make the files of what was kept, after the recording has ended: what cannot be shown anew first.

        Args:
            lens: Of the camera.
            options: What was asked for, for the record. JSON types only.
            report: Told how far each file is.

        Raises:
            Pose3DError: a file cannot be written.
        """
        folder = self._output.folder
        result = Result(video=folder / RECORDING, folder=folder, report=report, files=[RECORDING])
        if not self._poses:
            return result
        result.keypoints = self._of_recording(self._keypoints)
        poses = self._of_recording(self._poses)
        result.poses = poses.with_meta(assumptions=assumptions(poses, lens))
        result.frames = poses.video.frames
        result.save(result.keypoints, KEYPOINTS)
        result.save(result.poses, JOINTS)
        reader = VideoReader(folder / RECORDING)
        if self._output.film != "none":
            film(reader, result, self._output)
        if self._output.view:
            page(reader, result, self._output)
        export(result, self._output)
        result.record({**options, "film": self._output.film, "view": self._output.view})
        return result

    def _write(self, image: np.ndarray, time: float) -> None:
        if self._container is None:
            self._container = av.open(
                str(self._output.folder / RECORDING), "w", format="matroska", container_options=_MUXING
            )
            stream = self._container.add_stream("libx264", rate=Fraction(30), options=_ENCODING)
            stream.height, stream.width = image.shape[:2]
            stream.pix_fmt = "yuv420p"
            stream.codec_context.time_base = Fraction(1, _TICKS)
            stream.codec_context.colorspace, stream.codec_context.color_range = Colorspace.ITU709, ColorRange.MPEG
            self._stream = stream
        assert self._stream is not None
        picture = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(
            format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
        )
        picture.pts, picture.time_base = round(time * _TICKS), Fraction(1, _TICKS)
        self._container.mux(self._stream.encode(picture))

    def _of_recording(self, parts: list[Poses]) -> Poses:
        """Poses of the recording, which say what they are."""
        poses = joined(parts)
        video = Video(self._output.folder / RECORDING)
        return poses.replace(video=replace(poses.video, path=RECORDING)).with_meta(
            video_fingerprint=video.fingerprint(), reading=video.settings, live=self._name
        )

    def _cannot(self, error: Exception) -> OutputError:
        reason = getattr(error, "strerror", None) or error
        return OutputError(
            f"{self._output.folder / RECORDING} cannot be written on ({reason}); make room, or choose another folder."
        )
