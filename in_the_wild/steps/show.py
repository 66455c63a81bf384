"""Show: 3D poses in; a film, a page and files for other programs out, in the folder of a result.

    film      skeletons on the video, people in 3D, or what else the layout shows
    page      the same to turn and to measure, in a browser
    export    poses in formats of other programs

The result is told of every file. It knows nothing about how poses came to be.
"""

from __future__ import annotations

from pathlib import Path

from in_the_wild import exports, plugins
from in_the_wild.drawing.film import LAYOUTS
from in_the_wild.gather import Shown
from in_the_wild.layouts.base import Layout
from in_the_wild.leftovers import JOINTS, PAGE
from in_the_wild.page.footage import footage
from in_the_wild.page.write import write
from in_the_wild.result import Output, Result
from in_the_wild.steps.render import draw, take
from in_the_wild.video.read import VideoReader


def film(reader: VideoReader | None, result: Result, output: Output) -> None:
    """The film; a picture where there is one frame, or where the layout is one."""
    assert result.poses is not None
    frames = result.poses.video.frames
    layout: type[Layout] = plugins.load(LAYOUTS, output.drawing.layout_for(has_video=reader is not None))
    path = output.folder / f"overlay.{'png' if frames == 1 or layout.still else output.film}"
    result.report("render", 0, frames)
    with result.clock("render"):
        result.warnings += draw(
            [take(result.poses, result.keypoints)],
            path,
            layout=layout,
            drawing=output.drawing,
            video=reader,
            progress=lambda done: result.report("render", done, frames),
        )
    result.files.append(path.name)


def page(reader: VideoReader | None, result: Result, output: Output) -> None:
    """The page of the poses beside their video."""
    assert result.poses is not None
    path = output.folder / PAGE
    with result.clock("view", result.poses.video.frames):
        video = footage(None if reader is None else reader.video, path)
        write([Shown(path.parent.name, result.poses)], path, footage=video)
    result.files.append(path.name)


def export(result: Result, output: Output) -> None:
    """The 3D poses in the formats asked for beside their own; one that cannot be written costs itself alone."""
    assert result.poses is not None
    for writer in exports.parse_formats(output.exports):
        result.report("export", 0, None)
        path = output.folder / exports.file_name(Path(JOINTS).stem, writer)
        if path.name in result.files:  # .npz is written anyhow
            continue
        try:
            written = exports.write(exports.chosen(result.poses, writer), path, writer)
        except Exception as error:  # whatever it is, all else is done
            result.warnings.append(f"{path.name} was not written: {error}")
        else:
            result.files += [file.name for file in written]
            # Those of other people in an earlier run would be taken for this one's.
            for earlier in {path, *output.folder.glob(f"{path.stem}_person*{path.suffix}")} - set(written):
                if earlier.is_file():
                    result.remove(earlier.name)
