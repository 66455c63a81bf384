"""Draw a film: the video with its overlay and the 3D view beside it, or the 3D view alone.

    draw           the film, as a file; of a single picture a picture
    render_frames  its pictures, one for each video frame

Decoding runs ahead in a thread and encoding in ffmpeg's own process, while this one draws.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from in_the_wild.drawing.overlay import draw_overlay
from in_the_wild.drawing.rows import FrameRows
from in_the_wild.drawing.scene import Scene3D
from in_the_wild.drawing.stage import within_reach
from in_the_wild.drawing.view import View3D
from in_the_wild.errors import InputError
from in_the_wild.files import refuse_overwriting, whole_file
from in_the_wild.look import DARK
from in_the_wild.poses import Poses, Source
from in_the_wild.prefetch import prefetch
from in_the_wild.video.read import Frame, VideoReader
from in_the_wild.video.write import VideoWriter

_FRAMES_AHEAD = 4
_PICTURE = ".png"


def draw(
    world: Poses,
    path: Path,
    *,
    video: VideoReader | None = None,
    keypoints: Poses | None = None,
    view: View3D | None = None,
    height: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[str]:
    """Draw a film of poses, with the times and the sound of the video if that is given.

    Args:
        world: In world space.
        path: The .mp4 or .gif to write, or a .png of one frame, in a folder that exists.
        video: The one that the poses were found in, to be shown beside them; None for the 3D view alone.
        keypoints: Drawn over the video, in image space; None for none.
        view: The 3D camera; None takes the usual one.
        height: Of the film, in pixels; None takes the video's, brought within 360 to 720.
        progress: Called after every frame with the number of frames done; there are `world.video.frames`.

    Returns:
        Sentences on what the film lacks: sound that could not be taken over, poses too far off to be shown.

    Raises:
        InputError: the video has more frames, or another shape, than the one that the poses were found in; or a picture
            is to be made of several frames.
        OutputError: the file cannot be written.
    """
    source = world.video
    lowest, highest = (360, 720) if height is None else (height, height)
    width, rows = output_size(source, with_video=video is not None, min_height=lowest, max_height=highest)
    pictures = _counted(
        render_frames(
            None if video is None else prefetch(video, _FRAMES_AHEAD),
            keypoints,
            world,
            view=view,
            caption=world.root_source,
            min_height=lowest,
            max_height=highest,
        ),
        source,
        progress,
    )
    far = _far_off(world)
    if path.suffix.lower() == _PICTURE:
        _draw_picture(pictures, source, path, inputs=[] if video is None else video.video.files)
        return far
    with VideoWriter(
        path,
        width=width,
        height=rows,
        fps=source.fps,
        timestamps=source.timestamps.tolist(),
        audio_from=None if video is None else video.sound,
    ) as writer:
        for image in pictures:
            writer.write(image)
    return writer.warnings + far


def _counted(
    pictures: Iterable[np.ndarray], source: Source, progress: Callable[[int], None] | None
) -> Iterator[np.ndarray]:
    """As many pictures as the video has frames; whoever wants to know is told how many are done."""
    for done, image in enumerate(pictures, start=1):
        if done > source.frames:
            raise InputError(
                f"The poses were found in a video of {source.frames} frames ({source.path}), this one has more; "
                "give the video that the poses come from."
            )
        yield image
        if progress is not None:
            progress(done)


def _far_off(world: Poses) -> list[str]:
    """A sentence on poses that are too far off to be shown."""
    lost = int((~within_reach(world)).sum())
    return [f"{lost} pose(s) lie a kilometre or more from the others and are not drawn."] if lost else []


def _draw_picture(pictures: Iterator[np.ndarray], source: Source, path: Path, *, inputs: Sequence[Path]) -> None:
    """The only frame, as a picture."""
    if source.frames != 1:
        raise InputError(
            f"A picture shows one frame, these poses have {source.frames}; name a .mp4 or .gif, not {path.name}."
        )
    refuse_overwriting(path, inputs)
    _, encoded = cv2.imencode(_PICTURE, cv2.cvtColor(next(pictures), cv2.COLOR_RGB2BGR))
    with whole_file(path) as file:
        file.write(encoded.tobytes())


def compose(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Two pictures side by side, as high as the higher one and with even sizes, which H.264 wants."""
    height = max(left.shape[0], right.shape[0])
    width = left.shape[1] + right.shape[1]
    if left.shape[0] == right.shape[0] and height % 2 == 0 and width % 2 == 0:
        return np.concatenate([left, right], axis=1)
    joined = np.empty((height + height % 2, width + width % 2, 3), dtype=np.uint8)
    joined[:] = DARK.background
    joined[: left.shape[0], : left.shape[1]] = left
    joined[: right.shape[0], left.shape[1] : width] = right
    return joined


def picture_size(video: Source, *, min_height: int = 360, max_height: int = 720) -> tuple[int, int]:
    """Even (width, height) in pixels at which a video is shown: its shape, its height within limits."""
    height = min(max(video.height, min_height), max_height)
    height -= height % 2
    width = round(video.width * height / video.height / 2) * 2
    return max(2, width), height


def output_size(
    video: Source, *, with_video: bool = True, min_height: int = 360, max_height: int = 720
) -> tuple[int, int]:
    """Even (width, height) in pixels of every picture that `render_frames` gives."""
    width, height = picture_size(video, min_height=min_height, max_height=max_height)
    return (width + height if with_video else height), height


def render_frames(
    frames: Iterable[Frame] | None,
    poses2d: Poses | None,
    poses3d: Poses,
    *,
    view: View3D | None = None,
    caption: str = "",
    clock: bool = True,
    min_height: int = 360,
    max_height: int = 720,
) -> Iterator[np.ndarray]:
    """The video with its overlay and the 3D view beside it, one picture for each video frame.

    Args:
        frames: The video's pictures with their index; None for the 3D view alone, one picture for each timestamp.
        poses2d: In image space, drawn over the video; None for none.
        poses3d: In world space.
        view: The 3D camera; its size is set to the height of the output.
        caption: A line at the top of the 3D view.
        clock: Whether to show the time.
        min_height, max_height: The video is scaled so that its height lies within.

    Yields:
        (H', W', 3) uint8 RGB, every one of `output_size`.

    Raises:
        InputError: poses in another space, or pictures of another shape than the video the poses were found in.
    """
    if poses2d is not None and poses2d.space != "image":
        raise InputError(f'The overlay draws poses in image space, found "{poses2d.space}".')
    video = poses3d.video
    width, height = picture_size(video, min_height=min_height, max_height=max_height)
    scene = Scene3D(
        poses3d,
        dataclasses.replace(view or View3D(), size=height),
        caption=caption,
        clock=clock,
        left_to_right=_left_to_right(poses2d) if poses2d is not None else (),
    )
    if frames is None:
        for index in range(video.frames):
            yield scene.draw(index)
        return
    rows = FrameRows(poses2d) if poses2d is not None else None
    for frame in frames:
        picture = _scaled(frame.image, width, height, video)
        if poses2d is not None and rows is not None:
            here = rows[frame.index]
            scale = (width / video.width, height / video.height)
            keypoints = (poses2d.keypoints[here] + 0.5) * scale - 0.5
            draw_overlay(picture, keypoints, poses2d.scores[here], poses2d.person_id[here], poses2d.skeleton)
        yield compose(picture, scene.draw(frame.index))


def _left_to_right(poses2d: Poses) -> list[int]:
    """Ids ordered by where people are in the picture on average."""
    across = poses2d.keypoints[:, :, 0].mean(axis=1)
    return sorted(poses2d.persons, key=lambda person: float(across[poses2d.person_id == person].mean()))


def _scaled(image: np.ndarray, width: int, height: int, video: Source) -> np.ndarray:
    """A copy of the picture, drawable, at the size it is shown at."""
    rows, columns = image.shape[:2]
    if abs(columns * video.height - rows * video.width) > 0.03 * rows * video.width:
        raise InputError(
            f"The poses were found in a video of {video.width}x{video.height} pixels, these pictures have "
            f"{columns}x{rows}; give the video that the poses come from."
        )
    if (columns, rows) == (width, height):
        return np.array(image)
    # Down to a half, bilinear leaves no pixel out either, in a fifth of the time.
    method = cv2.INTER_AREA if rows > 2 * height else cv2.INTER_LINEAR
    return cv2.resize(image, (width, height), interpolation=method)
