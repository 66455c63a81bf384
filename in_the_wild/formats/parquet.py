"""Parquet: poses as a table of typed columns, for pandas, Polars, DuckDB, Spark and R.

`in_the_wild.formats._tables` says which columns there are, in a tidy and in a wide layout. All else that poses say
stands as JSON in the file's own notes, under "pose3d": what `npz` keeps in its `meta`, the joints, and the seconds of
all the video's frames. A table without these notes is read as far as its columns tell.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import numpy as np

from in_the_wild import documents
from in_the_wild.errors import InputError
from in_the_wild.files import guarded, regular_file, whole_file
from in_the_wild.formats._fields import fields_of_notes, notes_of, poses_of
from in_the_wild.formats._preview import Preview
from in_the_wild.formats._tables import Columns, TableFormat, fields_of
from in_the_wild.plugins import back_end
from in_the_wild.poses import Poses

_EXPECTED = "a Parquet table of poses"
_MARK = b"PAR1"
_NOTES = b"pose3d"
# Poses in a group of rows; a tidy table has one row for each joint.
_POSES_AT_A_TIME = 8192


@dataclass(frozen=True, kw_only=True)
class Parquet(TableFormat):
    """Poses as a table of typed columns; settings as of `TableFormat`, `PlacedFormat` and `FieldsFormat`.

    Raises:
        PluginError: the package pyarrow is not installed.
    """

    title: ClassVar[str] = "a table of typed columns (Parquet)"
    suffixes: ClassVar[tuple[str, ...]] = (".parquet",)

    def __post_init__(self) -> None:
        super().__post_init__()
        _pyarrow("pyarrow")

    @classmethod
    def recognises(cls, preview: Preview) -> bool:
        """See `Format.recognises`: the mark that every such file begins with."""
        return preview.head.startswith(_MARK)

    def write(self, poses: Poses, path: Path) -> None:
        """See `Format.write`."""
        arrow, parquet = _pyarrow("pyarrow"), _pyarrow("pyarrow.parquet")
        notes = {**notes_of(poses), "joints": poses.joints, "timestamps": poses.video.timestamps.tolist()}
        metadata = {_NOTES: json.dumps(notes, allow_nan=False)}
        schema = arrow.table(self._columns(poses.rows(np.zeros(0, int)))).schema.with_metadata(metadata)
        with whole_file(path) as file, parquet.ParquetWriter(file, schema) as table:
            for first in range(0, len(poses), _POSES_AT_A_TIME):
                part = poses.rows(np.arange(first, min(first + _POSES_AT_A_TIME, len(poses))))
                table.write_table(arrow.table(self._columns(part), schema=schema))

    def _columns(self, poses: Poses) -> dict[str, Any]:
        arrow = _pyarrow("pyarrow")
        return {
            heading: arrow.array(column, arrow.string()) if column.dtype == object else arrow.array(column)
            for heading, column in self.columns_of(poses).items()
        }

    def read(self, path: Path) -> Poses:
        """See `Format.read`."""
        path = regular_file(path, expected=_EXPECTED)
        with guarded(path, expected=_EXPECTED):
            table = _pyarrow("pyarrow.parquet").read_table(path)
            columns: Columns = {
                heading: table.column(heading).to_numpy() for heading in dict.fromkeys(table.column_names)
            }
            fields = fields_of(columns)
            if not fields["keypoints"].shape[2]:
                raise InputError(
                    f"{path} holds no poses: columns x_m, y_m and z_m, or x_px and y_px, were expected, alone or after "
                    "the name of a joint."
                )
            said = documents.parse_json((table.schema.metadata or {}).get(_NOTES, b"{}"))
            beside = {name: said.pop(name, None) for name in ("joints", "timestamps")}
            if beside["joints"] and not len(fields["keypoints"]):  # no row names a joint
                fields["keypoints"] = np.zeros((0, len(beside["joints"]), fields["keypoints"].shape[2]))
            told = {name: value for name, value in fields.items() if value is not None}
            return poses_of(path, {**beside, **fields_of_notes(said), **told}, self)


def _pyarrow(module: str) -> ModuleType:
    return back_end(module, install='"pose3d[formats]"')
