"""Draw a film: what a layout makes of poses and their video, as a file; of a single picture a picture.

    draw     the film, as a file
    take     a result, ready to be drawn
    size_of  how large the film's pictures are

Decoding runs ahead in a thread and encoding in ffmpeg's own process, while this one draws. It is handed the layout,
and knows nothing about which there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from in_the_wild.drawing.film import PLAIN, Drawing
from in_the_wild.drawing.hands_and_feet import with_hands_and_feet
from in_the_wild.drawing.shapes import straight
from in_the_wild.drawing.stage import within_reach
from in_the_wild.errors import InputError, did_you_mean
from in_the_wild.layouts.base import Layout, Moment, Shown, Size, Take
from in_the_wild.poses import Poses, Source
from in_the_wild.prefetch import prefetch
from in_the_wild.unseen import as_sure
from in_the_wild.video.kinds import Encoding
from in_the_wild.video.pictures import PICTURES, write_numbered, write_picture
from in_the_wild.video.read import VideoReader
from in_the_wild.video.write import VideoWriter

_FRAMES_AHEAD = 4
_HIGHEST = 720  # pixels, of a film whose height nobody asks for


def draw(
    takes: Sequence[Take],
    path: Path,
    *,
    layout: type[Layout],
    drawing: Drawing = PLAIN,
    video: VideoReader | None = None,
    truth: Poses | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[str]:
    """Draw a film of poses, with the times and the sound of the video if that is given.

    Args:
        takes: One result, or several of the same video.
        path: The film to write, in a folder that exists; a picture, of one frame or of a layout that is one; or
            numbered pictures ("%04d.png").
        layout: Which panels there are.
        drawing: What it shall look like.
        video: The one that the poses were found in, to be shown; None for none.
        truth: What the results are compared with; None for nothing.
        progress: Called after every frame with the number of frames done; there are as many as in the video.

    Returns:
        Sentences on what the film lacks: sound that could not be taken over, poses too far off to be shown.

    Raises:
        InputError: the video has more frames, or another shape, than the one that the poses were found in; a picture is
            to be made of several frames; the layout lacks something; or trails are to be drawn of joints that no
            result has.
        OutputError: the file cannot be written.
    """
    _check_trails(drawing.style.trails, takes)
    shown = Shown(tuple(takes), video is not None, truth, drawing.view, drawing.style)
    source = shown.video
    laid_out = layout(shown, size_of(layout, shown, drawing))
    moments = _counted(_moments(video, shown), source, progress)
    pictures = (straight(picture) for picture in laid_out.pictures(moments))
    inputs = [] if video is None else video.video.files
    if path.suffix.lower() in PICTURES:
        if "%" in path.name:
            write_numbered(path, prefetch(pictures, _FRAMES_AHEAD), inputs=inputs)
        else:
            _write_only(pictures, path, inputs, single=layout.still or source.frames == 1)
        return _far_off(takes)
    if layout.still:
        raise InputError(f"This layout is one picture of the whole clip; name a .png or .jpg, not {path.name}.")
    width, height = laid_out.size
    with VideoWriter(
        path,
        width=width,
        height=height,
        fps=source.fps,
        timestamps=source.timestamps.tolist(),
        audio_from=None if video is None else video.sound,
        encoding=_worth(drawing, width),
        alpha=drawing.style.transparent,
    ) as writer:
        for picture in pictures:
            writer.write(picture)
    return writer.warnings + _far_off(takes)


def _check_trails(joints: Sequence[str], takes: Sequence[Take]) -> None:
    """Refuse trails of joints that nobody has; some skeletons of several may lack one."""
    drawn = [poses for one in takes for poses in (one.world, one.keypoints) if poses is not None]
    known = {joint for poses in drawn for joint in poses.joints}
    for joint in joints:
        if joint not in known:
            raise InputError(f'Trails of joints were expected, there is no "{joint:.60}". {did_you_mean(joint, known)}')


def _worth(drawing: Drawing, width: int) -> Encoding:
    """What the pictures of a film are worth; a GIF is as wide as it was asked to be."""
    if drawing.size is None and drawing.height is None:
        return Encoding(max_mb=drawing.max_mb)
    return Encoding(max_mb=drawing.max_mb, loop_width=width)


def take(poses: Poses, keypoints: Poses | None = None, name: str = "") -> Take:
    """A result as it is drawn: in the world, with hands and feet where the keypoints have them.

    Args:
        poses: In camera or world space.
        keypoints: What they were lifted from, in image space; only people with poses are shown.
        name: What it is called.
    """
    if keypoints is not None:
        keypoints = as_sure(keypoints.rows(np.isin(keypoints.person_id, poses.persons)), poses)
    return Take(with_hands_and_feet(poses, keypoints).world(), keypoints, name, poses)


def size_of(layout: type[Layout], shown: Shown, drawing: Drawing = PLAIN) -> Size:
    """Even width and height in pixels of a film's pictures."""
    if drawing.size is not None:
        width, height = drawing.size
    else:
        least = layout.least_height
        height = drawing.height or min(max(shown.video.height, least), max(_HIGHEST, least))
        width = round(height * layout.aspect(shown) / 2) * 2
    return max(2, width - width % 2), max(2, height - height % 2)


def _moments(video: VideoReader | None, shown: Shown) -> Iterator[Moment]:
    """All frames, with the video's pictures if they are shown."""
    if video is None or shown.style.transparent:
        return (Moment(frame) for frame in range(shown.video.frames))
    return (Moment(frame.index, frame.image) for frame in prefetch(video, _FRAMES_AHEAD))


def _counted(moments: Iterable[Moment], source: Source, progress: Callable[[int], None] | None) -> Iterator[Moment]:
    """As many frames as the poses have; whoever wants to know is told how many are done."""
    for done, moment in enumerate(moments):
        if done >= source.frames:
            raise InputError(
                f"The poses were found in a video of {source.frames} frames ({source.path}), this one has more; "
                "give the video that the poses come from."
            )
        yield moment
        if progress is not None:
            progress(done + 1)


def _far_off(takes: Sequence[Take]) -> list[str]:
    """A sentence on poses that are too far off to be shown."""
    lost = sum(int((~within_reach(one.world)).sum()) for one in takes)
    return [f"{lost} pose(s) lie a kilometre or more from the others and are not drawn."] if lost else []


def _write_only(pictures: Iterator[np.ndarray], path: Path, inputs: Sequence[Path], *, single: bool) -> None:
    """The only picture, as a file."""
    if not single:
        raise InputError(
            f"A picture shows one frame, and these poses have more; name a film such as {path.stem}.mp4, numbered "
            f"pictures such as {path.stem}_%04d{path.suffix}, or choose the layout strip."
        )
    (picture,) = pictures
    write_picture(path, picture, inputs=inputs)
