"""High dynamic range into the standard range that detectors were trained on, and that screens show.

    hlg, pq      light from numbers, ITU-R BT.2100: HLG with the system gamma of a 1000 cd/m2 display, or PQ
    BT.2020      into BT.709 primaries; what lies outside is cut off
    EETF         ITU-R BT.2390-10, 5.4.1: from a peak of 1000 cd/m2 to the 203 of a reference white (BT.2408); what is
                 darker than about 90 stays as it is
    BT.1886      numbers of standard range from light

All of it is one table of three dimensions, which libav's filter lut3d looks pictures up in.
"""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Literal

import av
import numpy as np

from in_the_wild.video.filters import FilterChain

_PEAK, _WHITE = 1000.0, 203.0  # cd/m2
_SIDE = 49  # of the table; at 33 the numbers of a strong green are off by 6 of 255
_LUMINANCE = np.array([0.2627, 0.6780, 0.0593])  # of BT.2020's primaries
# BT.2020's primaries in BT.709's, ITU-R BT.2407.
_TO_BT709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]])

# Constants of PQ (SMPTE ST 2084) and HLG (ARIB STD-B67), as BT.2100 names them.
_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
_A, _B, _C = 0.17883277, 0.28466892, 0.55991073
_SYSTEM_GAMMA = 1.2


class ToneMapping:
    """Brings pictures of high dynamic range to RGB of standard range.

    Args:
        like: the first of the pictures.
        transfer: what they are coded with.
    """

    def __init__(self, like: av.VideoFrame, transfer: Literal["hlg", "pq"]) -> None:
        with tempfile.TemporaryDirectory(prefix="pose3d") as folder:
            # A name without a letter that means something to libav's parser, on any system.
            table = Path(folder) / "table.cube"
            table.write_text(cube(transfer))
            self._chain = FilterChain(
                like,
                [
                    ("scale", "in_color_matrix=bt2020"),
                    ("format", "gbrp12le"),
                    ("lut3d", f"file='{table.as_posix()}':interp=tetrahedral"),
                    ("format", "rgb24"),
                ],
            )

    def fits(self, picture: av.VideoFrame) -> bool:
        """Whether a picture has the size and format of the first."""
        return self._chain.fits(picture)

    def __call__(self, picture: av.VideoFrame) -> av.VideoFrame:
        """A picture of the same size, RGB of 8 bits."""
        (made,) = self._chain.through(picture)
        return made


@cache
def cube(transfer: Literal["hlg", "pq"]) -> str:
    """The table, as text in the .cube format: red changes fastest."""
    steps = np.linspace(0, 1, _SIDE)
    blue, green, red = (axis.ravel() for axis in np.meshgrid(steps, steps, steps, indexing="ij"))
    values = standard_range(np.stack([red, green, blue], axis=1), transfer)
    lines = "\n".join(f"{r:.6f} {g:.6f} {b:.6f}" for r, g, b in values.tolist())
    return f"LUT_3D_SIZE {_SIDE}\n{lines}\n"


def standard_range(values: np.ndarray, transfer: Literal["hlg", "pq"]) -> np.ndarray:
    """(N, 3) R'G'B' of high dynamic range in [0, 1] into (N, 3) of standard range."""
    light = _hlg_light(values) if transfer == "hlg" else _pq_light(values)
    bt709 = np.clip(light @ _TO_BT709.T, 0, None)
    shown: np.ndarray = np.clip(_eetf(bt709) / _WHITE, 0, 1) ** (1 / 2.4)
    return shown


def _hlg_light(values: np.ndarray) -> np.ndarray:
    """(N, 3) cd/m2 on a display of HLG's R'G'B'."""
    scene = np.where(values <= 0.5, values**2 / 3, (np.exp((values - _C) / _A) + _B) / 12)
    luminance = scene @ _LUMINANCE
    light: np.ndarray = _PEAK * scene * luminance[:, None] ** (_SYSTEM_GAMMA - 1)
    return light


def _pq_light(values: np.ndarray) -> np.ndarray:
    """cd/m2 of PQ's numbers."""
    power = values ** (1 / _M2)
    light: np.ndarray = 10000 * (np.maximum(power - _C1, 0) / (_C2 - _C3 * power)) ** (1 / _M1)
    return light


def _pq_values(light: np.ndarray | float) -> np.ndarray:
    """PQ's numbers of cd/m2."""
    power = (np.asarray(light) / 10000) ** _M1
    values: np.ndarray = ((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2
    return values


def _eetf(light: np.ndarray) -> np.ndarray:
    """cd/m2 up to the peak, brought to at most that of white along a Hermite spline that begins at a knee."""
    peak = _pq_values(_PEAK)
    highest = _pq_values(_WHITE) / peak
    knee = 1.5 * highest - 0.5
    given = np.minimum(_pq_values(light) / peak, 1)
    t = np.clip((given - knee) / (1 - knee), 0, 1)
    spline = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (3 * t**2 - 2 * t**3) * highest
    return _pq_light(np.where(given < knee, given, spline) * peak)
