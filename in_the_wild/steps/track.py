"""Track: who is who from frame to frame, told by where the keypoints are and how they move.

All frames are known, so the work goes from what is certain to what is guessed:

1. Two poses of one frame that are the same person (OKS) become one.
2. Poses of neighbouring frames are joined to pieces (OKS and box overlap with the moved-on pose, best assignment).
3. Where people meet and one of them is lost from sight, the detector may have gone from one to the other: both pieces
   are cut, and what is doubtful there is set aside.
4. Pieces are linked over gaps by moving both ends on at their own speed (best assignment over all of them).
5. What was set aside goes to whoever passed there.
6. Somebody seen for less than a quarter of a second was a ghost.

Appearance is not looked at. It knows nothing about detectors, and works with any skeleton.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import linear_sum_assignment

from in_the_wild.errors import InputError
from in_the_wild.poses import Poses, Source

# How far keypoints of one person lie apart when people mark them twice, in units of the square root of the person's
# area (COCO keypoint evaluation); extended to joints that COCO does not have. The first word that is part of a name
# counts.
_SIGMAS = {
    "nose": 0.026,
    "eye": 0.025,
    "mouth": 0.03,
    "ear": 0.035,
    "head": 0.05,
    "shoulder": 0.079,
    "elbow": 0.072,
    "wrist": 0.062,
    "pinky": 0.07,
    "index": 0.07,
    "thumb": 0.07,
    "hip": 0.107,
    "pelvis": 0.107,
    "knee": 0.087,
    "ankle": 0.089,
    "heel": 0.089,
    "foot": 0.089,
    "toe": 0.089,
}
_OTHER_SIGMA = 0.079
_TRUNK = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")

_SEEN = 0.1  # a joint of a lower score does not count for the size of a person
_SAME_PERSON = 0.6  # OKS of two poses in one frame from which they are one person found twice
_SAME_TRUNK = 0.1  # the same from trunks that are nearer than so many sizes, however the limbs may be guessed
_SAME_PIECE = 0.15  # affinity from which a pose may continue a piece
_SAME_LINK = 0.08  # affinity from which two pieces may be linked: nobody comes out of nothing, so not much is asked
_DOUBLE_TRUNK = 0.3  # sizes between the trunks of a person and the same person seen a second time
_DOUBLE_S = 1.0  # seconds that somebody may be seen twice
_PASSING = 0.3  # sizes that somebody may be off a straight way between two frames
_STEADY = 0.5  # OKS of neighbouring poses below which a set-aside piece may hold two people
_MEETING = 0.1  # box overlap (IoU) from which two people meet
_ASTRAY = 1.0  # so many sizes a second a person who is not seen may get off the way that was expected
_ASTRAY_AT_ANY_SPEED = 3.0  # the same where the speed is not known
_DOUBT_S = 0.1  # seconds around losing or finding somebody behind somebody else
_SPEED_S = 0.3  # seconds at the end of a piece that its speed is measured over
_SIZE_S = 1.0  # seconds at the end of a piece that its size is measured over
_SIZE_SPREAD = 0.7  # how much the logarithm of a person's size varies: arms up, crouching
_SLOWING_S = 1.0  # time constant of a lost person's speed
_UNBROKEN_S = 0.15  # seconds that a piece may lack poses
_GHOST_S = 0.25  # seconds below which a person was a ghost
_EDGE = 0.05  # a pose that is nearer to the left or right edge than this part of the width touches it
_AWAY_GAPS = 3  # somebody who left over an edge may come back over it for so many times the longest gap


def track(
    poses: Poses, *, keep: Literal["all", "largest"] | int = "all", max_gap: float = 1.0, every: int = 1
) -> Poses:
    """Give every person an id and drop poses that are nobody's.

    Somebody lost from sight keeps the id when a person of about that size goes on, within `max_gap` seconds, about
    where the lost one would have got to; somebody who left over the left or right edge also when a person of about
    that size comes back over the same edge, at about that height, within three times as long. Everybody else is new.

    Args:
        poses: Poses in image space; their person ids are not looked at.
        keep: "all" people; the "largest" alone, which is the one with the most picture area times seconds; or as many
            of the largest as a number says.
        max_gap: Seconds that a person may be lost and still be the same one.
        every: The detector looked at every so many-th frame and the last, see `detect`. Frames that it did not look at
            are none in which somebody is lost.

    Returns:
        Poses with ids 0, 1, 2 ... in the order in which people first appear (together: the larger first), rows by
        rising frame, then id. Duplicates, ghosts and people that are not kept are left out.

    Raises:
        InputError: poses that are not in image space, or a `keep`, `max_gap` or `every` that cannot be.
    """
    ids = track_ids(poses, keep=keep, max_gap=max_gap, every=every)
    order = np.lexsort((ids, poses.frame))
    tracked = poses.replace(person_id=ids).rows(order[ids[order] >= 0])
    return tracked.with_meta(track={"keep": keep, "max_gap": max_gap})


def track_ids(
    poses: Poses, *, keep: Literal["all", "largest"] | int = "all", max_gap: float = 1.0, every: int = 1
) -> np.ndarray:
    """The ids that `track` gives: (N,) for the rows as they are, -1 for rows that it leaves out.

    Args and errors are those of `track`.
    """
    if poses.space != "image":
        raise InputError(f"People are tracked by keypoints in the picture, found poses in {poses.space} space.")
    number = {"all": len(poses), "largest": 1}.get(keep, 0) if isinstance(keep, str) else keep
    if number < (0 if keep == "all" else 1):
        raise InputError(f'Which people to keep is "all", "largest" or a number from 1, found {keep!r}.')
    if not max_gap >= 0:
        raise InputError(f"The longest gap is a number of seconds from 0, found {max_gap}.")
    if every < 1:
        raise InputError(f"Every first frame or fewer are looked at, found every={every}.")

    table = _Table.of(poses, every)
    pieces = _without_doubles(table, _pieces(table, _without_duplicates(table)))
    pieces, aside = _cut_where_people_meet(table, pieces, max_gap)
    people = _link(table, pieces, max_gap)
    people = _link(table, _give_back(table, people, aside), max_gap)
    people = _without_ghosts(table, people, poses.video, every)

    by_size = sorted(people, key=table.presence, reverse=True)[:number]
    ids = np.full(len(poses), -1)
    for person, rows in enumerate(sorted(by_size, key=lambda rows: (table.frame[rows[0]], -table.presence(rows)))):
        ids[rows] = person
    return ids


# A piece, and in the end a person: rows of the table by rising frame, one per frame at most.
_Piece = list[int]


@dataclass(frozen=True)
class _Table:
    """What tracking needs of each row.

    Attributes:
        keypoints: (N, J, 2) pixels.
        scores: (N, J).
        sigmas: (J,) the spread of each joint.
        frame: (N,).
        time: (N,) seconds.
        before: (N,) seconds: the time of the frame looked at before each row's.
        seconds: (N,) how long it is from each row's frame to the next one looked at.
        centre: (N, 2) pixels: the middle of the trunk.
        size: (N,) pixels: half the diagonal of the box, about the root of a person's area.
        box: (N, 4) pixels: left, top, right, bottom of the joints that are seen.
        area: (N,) square pixels of the box inside the picture.
        width: Picture width in pixels.
    """

    keypoints: np.ndarray
    scores: np.ndarray
    sigmas: np.ndarray
    frame: np.ndarray
    time: np.ndarray
    before: np.ndarray
    seconds: np.ndarray
    centre: np.ndarray
    size: np.ndarray
    box: np.ndarray
    area: np.ndarray
    width: int

    @classmethod
    def of(cls, poses: Poses, every: int) -> _Table:
        video, skeleton = poses.video, poses.skeleton
        frames = np.arange(video.frames)
        looked_at = np.unique(np.concatenate([frames[::every], frames[-1:], poses.frame]))
        place = np.searchsorted(looked_at, poses.frame)
        keypoints = poses.keypoints.astype(np.float64)
        scores = poses.scores.astype(np.float64)
        # Poses of which hardly anything is seen are measured by their guesses too.
        seen = scores >= _SEEN
        seen[seen.sum(axis=1) < 3] = True
        low = np.where(seen[..., None], keypoints, np.inf).min(axis=1)
        high = np.where(seen[..., None], keypoints, -np.inf).max(axis=1)
        picture = np.array([video.width, video.height], dtype=np.float64)
        inside = np.clip(high, 0, picture) - np.clip(low, 0, picture)
        trunk = [skeleton.index(joint) for joint in _TRUNK if joint in skeleton.joints] or list(range(len(skeleton)))
        weights = scores[:, trunk, None] + 1e-3
        return cls(
            keypoints=keypoints,
            scores=scores,
            sigmas=np.array([_sigma(joint) for joint in skeleton.joints]),
            frame=poses.frame,
            time=poses.seconds,
            before=video.timestamps[looked_at[np.maximum(place - 1, 0)]],
            seconds=_durations(video, looked_at)[place],
            centre=(keypoints[:, trunk] * weights).sum(axis=1) / weights.sum(axis=1),
            size=np.maximum(np.linalg.norm(high - low, axis=1) / 2, 1.0),
            box=np.concatenate([low, high], axis=1),
            area=inside.prod(axis=1),
            width=video.width,
        )

    def presence(self, rows: _Piece) -> float:
        """Square pixels times seconds that somebody takes up."""
        return float((self.area[rows] * self.seconds[rows]).sum())

    def ending(self, piece: _Piece, seconds: float) -> _Piece:
        """The rows in the last so many seconds of a piece."""
        since = self.time[piece[-1]] - seconds
        return list(itertools.takewhile(lambda row: self.time[row] >= since, reversed(piece)))[::-1]

    def beginning(self, piece: _Piece, seconds: float) -> _Piece:
        """The rows in the first so many seconds of a piece."""
        until = self.time[piece[0]] + seconds
        return list(itertools.takewhile(lambda row: self.time[row] <= until, piece))

    def last_speed(self, piece: _Piece) -> np.ndarray:
        """(2,) pixels per second at the end of a piece, NaN where it is too short to tell."""
        return self._speed(max(self.ending(piece, _SPEED_S), piece[-3:], key=len))

    def first_speed(self, piece: _Piece) -> np.ndarray:
        """(2,) pixels per second at the beginning of a piece, NaN where it is too short to tell."""
        return self._speed(max(self.beginning(piece, _SPEED_S), piece[:3], key=len))

    def _speed(self, rows: _Piece) -> np.ndarray:
        """The slope of a straight line through the centres of these rows."""
        time = self.time[rows] - self.time[rows].mean()
        if time[-1] - time[0] < _SPEED_S / 2:
            return np.full(2, np.nan)
        return time @ self.centre[rows] / (time @ time)

    def likeness(self, a: Sequence[int], b: Sequence[int], *, moved: np.ndarray, astray: np.ndarray) -> np.ndarray:
        """OKS of every row of `a` with every row of `b`.

        Args:
            a: A rows.
            b: B rows.
            moved: (A, 2) pixels that a's poses are moved by before.
            astray: (A,) sizes that a's poses may be off as a whole.

        Returns:
            (A, B) in [0, 1].
        """
        apart = (self.keypoints[a] + moved[:, None])[:, None] - self.keypoints[b][None]  # (A, B, J, 2)
        size = (self.size[a][:, None] + self.size[b][None]) / 2
        spread = size[..., None] * (2 * self.sigmas + astray[:, None, None])  # (A, B, J)
        alike = np.exp(-(apart**2).sum(axis=-1) / (2 * spread**2))
        weights = self.scores[a][:, None] * self.scores[b][None] + 1e-2
        return (alike * weights).sum(axis=-1) / weights.sum(axis=-1)

    def overlap(self, a: Sequence[int], b: Sequence[int], *, moved: np.ndarray) -> np.ndarray:
        """(A, B) intersection over union of the boxes of every row of `a`, moved by (A, 2), with every row of `b`."""
        first = self.box[a] + np.tile(moved, 2)
        second = self.box[b]
        low = np.maximum(first[:, None, :2], second[None, :, :2])
        high = np.minimum(first[:, None, 2:], second[None, :, 2:])
        common = (high - low).clip(0).prod(axis=-1)
        areas = [(box[:, 2:] - box[:, :2]).prod(axis=-1) for box in (first, second)]
        return common / (areas[0][:, None] + areas[1][None] - common + 1e-9)

    def affinity(self, a: Sequence[int], b: Sequence[int], *, speed: np.ndarray) -> np.ndarray:
        """(A, B) in [0, 1]: how well the people of rows `a`, going on at (A, 2) pixels per second, are those of `b`.

        All of `b` must be of one frame. It may be before a's. A speed of NaN is one that is not known.
        """
        seconds = self.time[b[0]] - self.time[a]  # (A,)
        slowed = np.sign(seconds) * _SLOWING_S * (1 - np.exp(-np.abs(seconds) / _SLOWING_S))
        known = np.isfinite(speed).all(axis=1)  # (A,)
        moved = np.where(known[:, None], speed, 0) * slowed[:, None]
        astray = np.where(known, _ASTRAY, _ASTRAY_AT_ANY_SPEED) * np.abs(seconds)
        likeness = self.likeness(a, b, moved=moved, astray=astray)
        return np.maximum(likeness, self.overlap(a, b, moved=moved))


def _sigma(joint: str) -> float:
    return next((sigma for word, sigma in _SIGMAS.items() if word in joint), _OTHER_SIGMA)


def _durations(video: Source, frames: np.ndarray) -> np.ndarray:
    """(F,) seconds from each of these frames to the next of them; the last one as long as a frame on average."""
    return np.diff(video.timestamps[frames], append=video.timestamps[-1:] + 1 / video.fps)


def _best_pairs(affinity: np.ndarray, least: float) -> list[tuple[int, int]]:
    """The one-to-one pairs (row, column) of the greatest sum, each with at least the least affinity."""
    allowed = np.where(affinity >= least, affinity, 0)
    rows, columns = linear_sum_assignment(allowed, maximize=True)
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if allowed[i, j] > 0]


def _frames(table: _Table, rows: Iterable[int]) -> list[list[int]]:
    """Rows by frame, frames rising."""
    found: dict[int, list[int]] = {}
    for row in rows:
        found.setdefault(int(table.frame[row]), []).append(row)
    return [found[frame] for frame in sorted(found)]


def _without_duplicates(table: _Table) -> list[int]:
    """The rows that are left when of poses of the same person in one frame only the one with the best scores stays."""
    kept = []
    quality = table.scores.mean(axis=1)
    for rows in _frames(table, range(len(table.frame))):
        if len(rows) == 1:
            kept += rows
            continue
        best_first = sorted(rows, key=lambda row: -quality[row])
        alike = table.likeness(best_first, best_first, moved=np.zeros((len(rows), 2)), astray=np.zeros(len(rows)))
        centre, size = table.centre[best_first], table.size[best_first]
        apart = np.linalg.norm(centre[:, None] - centre[None], axis=-1) / np.minimum(size[:, None], size[None])
        same = (alike >= _SAME_PERSON) | (apart <= _SAME_TRUNK)
        chosen: list[int] = []
        for i in range(len(rows)):
            if not same[i, chosen].any():
                chosen.append(i)
        kept += [best_first[i] for i in chosen]
    return kept


def _pieces(table: _Table, rows: list[int]) -> list[_Piece]:
    """Join poses of neighbouring frames."""
    done: list[_Piece] = []
    live: list[_Piece] = []
    for now in _frames(table, rows):
        # At low frame rates the frame before is further away than a piece may lack poses.
        oldest = min(table.before[now[0]], table.time[now[0]] - _UNBROKEN_S)
        done += [piece for piece in live if table.time[piece[-1]] < oldest]
        live = [piece for piece in live if table.time[piece[-1]] >= oldest]
        fresh = set(now)
        if live:
            last = [piece[-1] for piece in live]
            speed = np.array([table.last_speed(piece) for piece in live])
            for i, j in _best_pairs(table.affinity(last, now, speed=speed), _SAME_PIECE):
                live[i].append(now[j])
                fresh.discard(now[j])
        live += [[row] for row in now if row in fresh]
    return done + live


def _without_doubles(table: _Table, pieces: list[_Piece]) -> list[_Piece]:
    """The pieces without those that are parts of people, or people seen a second time, beside a longer piece.

    These are pieces shorter than a ghost that overlap a longer one most of the time, and pieces of up to a second that
    most of the time have their trunk in about the same place as a longer one.
    """
    by_frame = {int(table.frame[rows[0]]): rows for rows in _frames(table, (row for piece in pieces for row in piece))}
    length = {row: len(piece) for piece in pieces for row in piece}
    kept = []
    for piece in pieces:
        seconds = table.seconds[piece].sum()
        if seconds >= _DOUBLE_S:
            kept.append(piece)
            continue
        over, upon = 0, 0
        for row in piece:
            others = [other for other in by_frame[int(table.frame[row])] if length[other] > len(piece)]
            if others:
                over += table.overlap([row], others, moved=np.zeros((1, 2))).max() >= _MEETING
                apart = np.linalg.norm(table.centre[others] - table.centre[row], axis=1)
                upon += (apart / table.size[others]).min() <= _DOUBLE_TRUNK
        is_part = seconds < _GHOST_S and over > len(piece) / 2
        if not is_part and upon <= len(piece) / 2:
            kept.append(piece)
    return kept


def _cut_where_people_meet(table: _Table, pieces: list[_Piece], max_gap: float) -> tuple[list[_Piece], list[_Piece]]:
    """Take out what is doubtful where two people overlap and one of them is lost or found.

    That is a moment around it, in which one covers the other, and the time between losing and finding somebody, in
    which either may be the one who is seen.

    Returns:
        The parts that are left; and those that were taken out.
    """
    doubtful = {i: np.zeros(len(piece), dtype=bool) for i, piece in enumerate(pieces)}
    events: dict[int, list[tuple[float, str]]] = {i: [] for i in range(len(pieces))}
    begin, end = _spans(table, pieces)
    for i, piece in enumerate(pieces):
        if table.seconds[piece].sum() < _GHOST_S:
            continue
        for row, event in ((piece[-1], "lost"), (piece[0], "found")):
            moment = table.time[row]
            for j in np.flatnonzero((begin < moment) & (moment < end)):
                k = int(np.searchsorted(table.time[pieces[j]], moment))
                around = pieces[j][k - 1 : k + 1]  # the rows on both sides of the moment
                if table.overlap([row], around, moved=np.zeros((1, 2))).max() >= _MEETING:
                    events[j].append((moment, event))
                    for n in (i, j):
                        doubtful[n] |= np.abs(table.time[pieces[n]] - moment) <= _DOUBT_S
    for j, piece in enumerate(pieces):
        for (lost, first), (found, second) in itertools.pairwise(sorted(events[j])):
            if (first, second) == ("lost", "found") and found - lost <= max_gap:
                doubtful[j] |= (table.time[piece] >= lost) & (table.time[piece] <= found)

    parts: list[_Piece] = []
    aside: list[_Piece] = []
    for i, piece in enumerate(pieces):
        for run in np.split(np.arange(len(piece)), np.flatnonzero(np.diff(doubtful[i])) + 1):
            (aside if doubtful[i][run[0]] else parts).append(piece[run[0] : run[-1] + 1])
    return parts, aside


def _spans(table: _Table, pieces: list[_Piece]) -> tuple[np.ndarray, np.ndarray]:
    """Seconds at which each piece begins and ends."""
    return table.time[[piece[0] for piece in pieces]], table.time[[piece[-1] for piece in pieces]]


def _link(table: _Table, pieces: list[_Piece], max_gap: float) -> list[_Piece]:
    """Join pieces over gaps until none fit together any more.

    Speed and size of what was joined tell more than those of its parts, so it takes a few rounds.
    """
    while True:
        joined = _link_once(table, pieces, max_gap)
        if len(joined) == len(pieces):
            return joined
        pieces = joined


def _link_once(table: _Table, pieces: list[_Piece], max_gap: float) -> list[_Piece]:
    """Join pieces over gaps, each with one before and one after it at most.

    A piece may also go on as one that begins a few frames before its own end, which is then cut off: when a detector
    slips off a person, it often finds the person anew before it gives the slipped pose up.
    """
    begin, end = _spans(table, pieces)
    affinity = np.zeros((len(pieces), len(pieces)))
    for i, piece in enumerate(pieces):
        after = (begin > begin[i]) & (end > end[i]) & (begin > end[i] - _UNBROKEN_S)
        for j in np.flatnonzero(after & (begin <= end[i] + _AWAY_GAPS * max_gap)):
            earlier = _before(table, piece, begin[j])
            if begin[j] - end[i] <= max_gap:
                affinity[i, j] = _link_affinity(table, earlier, pieces[j])
            affinity[i, j] = max(affinity[i, j], _return_affinity(table, earlier, pieces[j]))
    following = dict(_best_pairs(affinity, _SAME_LINK))
    joined = []
    for i in sorted(set(range(len(pieces))) - set(following.values())):
        rows = list(pieces[i])
        while i in following:
            i = following[i]
            rows = _before(table, rows, begin[i]) + pieces[i]
        joined.append(rows)
    return joined


def _before(table: _Table, piece: _Piece, time: float) -> _Piece:
    return piece if table.time[piece[-1]] < time else [row for row in piece if table.time[row] < time]


def _link_affinity(table: _Table, before: _Piece, after: _Piece) -> float:
    """In [0, 1]: how well one piece goes on as the other, both ends moved on at their own speed."""
    forward = table.affinity([before[-1]], [after[0]], speed=table.last_speed(before)[None])
    backward = table.affinity([after[0]], [before[-1]], speed=table.first_speed(after)[None])
    return float(forward[0, 0] + backward[0, 0]) / 2 * _alike_in_size(table, before, after)


def _return_affinity(table: _Table, before: _Piece, after: _Piece) -> float:
    """In [0, 1/2], so that it comes second: how well somebody who left over an edge comes back over it as the other."""
    x = table.keypoints[[before[-1], after[0]], :, 0]  # (2, J); guesses tell how far somebody is out of the picture
    at_left = (x.min(axis=1) <= _EDGE * table.width).all()
    at_right = (x.max(axis=1) >= (1 - _EDGE) * table.width).all()
    if not (at_left or at_right):
        return 0.0
    size = (table.size[before[-1]] + table.size[after[0]]) / 2
    higher = (table.centre[before[-1], 1] - table.centre[after[0], 1]) / size
    return 0.5 * float(np.exp(-(higher**2) / 2)) * _alike_in_size(table, before, after)


def _alike_in_size(table: _Table, before: _Piece, after: _Piece) -> float:
    """In [0, 1]: 1 for the same size, 0.85 for a factor of 1.5, 0.38 for one of 2.7."""
    sizes = [np.median(table.size[rows]) for rows in (table.ending(before, _SIZE_S), table.beginning(after, _SIZE_S))]
    return float(np.exp(-((np.log(sizes[0] / sizes[1]) / _SIZE_SPREAD) ** 2) / 2))


def _give_back(table: _Table, people: list[_Piece], aside: list[_Piece]) -> list[_Piece]:
    """Give what was taken out to the people who passed there; what fits nobody stays a piece of its own.

    The longest and best fitting parts come first. What lies beside a part in the same frames is for other people.
    """
    people = [list(rows) for rows in people]
    left = [part for piece in aside for part in _steady_parts(table, piece)]
    while left and people:
        fits = np.array([[_passing_affinity(table, rows, part) for part in left] for rows in people])
        totals = np.where(fits >= _SAME_LINK, fits * [len(part) for part in left], 0)
        person, best = np.unravel_index(np.argmax(totals), totals.shape)
        if totals[person, best] == 0:
            break
        given = left.pop(best)
        people[person] = sorted(people[person] + given, key=lambda row: table.frame[row])
        taken = set(table.frame[given].tolist())
        left = [
            list(rows)
            for part in left
            for _, rows in itertools.groupby(part, key=lambda row: int(table.frame[row]) in taken)
        ]
    return people + left


def _steady_parts(table: _Table, piece: _Piece) -> list[_Piece]:
    """A piece, cut where its pose jumps: the detector may have gone from one person to another there."""
    parts = [piece[:1]]
    for before, row in itertools.pairwise(piece):
        moved = (table.centre[row] - table.centre[before])[None]
        alike = table.likeness([before], [row], moved=moved, astray=np.zeros(1))[0, 0]
        if alike < _STEADY:
            parts.append([])
        parts[-1].append(row)
    return parts


def _passing_affinity(table: _Table, person: _Piece, part: _Piece) -> float:
    """In [0, 1]: how well a part lies on the way of a person who is not seen during it; 0 for one who is elsewhere."""
    time = table.time[person]
    i = int(np.searchsorted(time, table.time[part[0]]))
    if i in (0, len(person)) or time[i] <= table.time[part[-1]]:
        return 0.0
    before, after = person[i - 1], person[i]
    share = (table.time[part] - time[i - 1]) / (time[i] - time[i - 1])  # (rows,) of the way
    way = table.centre[before] + (table.centre[after] - table.centre[before]) * share[:, None]
    size = (table.size[before] + table.size[after]) / 2
    apart = np.linalg.norm(table.centre[part] - way, axis=1) / size
    unseen = np.minimum(table.time[part] - time[i - 1], time[i] - table.time[part])
    return float(np.exp(-((apart / (_PASSING + _ASTRAY * unseen)) ** 2) / 2).mean())


def _without_ghosts(table: _Table, people: list[_Piece], video: Source, every: int) -> list[_Piece]:
    """The people who are seen long enough to be there; half the clip is long enough in any case.

    Where frames are left out, once is not enough, however long it is to the next: it could be one wrong pose.
    """
    least = min(_GHOST_S, (video.timestamps[-1] + 1 / video.fps) / 2) if video.frames else 0.0
    fewest = 2 if every > 1 and video.frames > 1 else 1
    return [rows for rows in people if table.seconds[rows].sum() >= least and len(rows) >= fewest]
