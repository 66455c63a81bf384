"""Track: who is who from frame to frame, told by where the keypoints are and how they move.

Every shot of the video is tracked alone. All its frames are known, so the work goes from what is certain to what is
guessed:

1. Non-maximum suppression: detections of one frame that are the same person (OKS) become one.
2. Detections of neighbouring frames are associated to tracklets (OKS and IoU with the moved-on pose, best assignment).
3. Where people meet and one of them is lost from sight, the detector may have gone from one to the other: both
   tracklets are split, and what is ambiguous there is set aside.
4. Tracklets are linked over gaps by moving both ends on at their own velocity, and by their colours (best assignment
   over all of them, the surest links first).
5. What was set aside goes to whoever passed there.
6. Somebody seen for less than about a fifth of a second, or hardly seen for less than a second, was a ghost; so was
   somebody whom nobody hides and who is found at less than four in ten looks.

It knows nothing about detectors, and works with any skeleton.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from in_the_wild.errors import InputError
from in_the_wild.poses import Poses
from in_the_wild.progress import More, nobody
from in_the_wild.tracklets import MEETING, UNBROKEN_S, Detections, Tracklet, colour_affinity

_NMS_OKS = 0.6  # of two detections in one frame, from which they are one person found twice
_NMS_TRUNK = 0.1  # the same from trunks that are nearer than so many sizes, however the limbs may be guessed
_ASSOCIATION = 0.2  # affinity from which a detection may continue a tracklet
_LINK = 0.05  # affinity from which tracklets may be linked: nobody comes out of nothing, so not much is asked
_SURENESS = (0.5, 0.25, _LINK)  # the same, of the links that come first, second and last
_DOUBLE_TRUNK = 0.3  # sizes between the trunks of a person and the same person seen a second time
_DOUBLE_S = 1.0  # seconds that somebody may be seen twice
_PASSING = 0.3  # sizes that somebody may be off a straight way between two frames
_PASSING_A_SECOND = 1.0  # sizes more for each second that the person was not seen
_STEADY = 0.5  # OKS of neighbouring poses below which what was set aside may hold two people
_DOUBT_S = 0.1  # seconds around losing or finding somebody behind somebody else
_GHOST_S = 0.22  # seconds below which a person was a ghost
_FAINT_GHOST_S = 1.0  # the same of somebody whose joints score
_FAINT = 0.25  # less than this on average
_SPARSE = 0.4  # share of the looks at which nobody hides a person, of which a ghost is found at fewer
_EDGE = 0.05  # a pose that is nearer to the left or right edge than this part of the width touches it
_FORGOTTEN_S = 4.0  # time constant of affinity over a gap, so that nobody is passed over who was there in between
_AWAY_GAPS = 2  # somebody who left over an edge may come back over it for so many times the longest gap


def track(
    poses: Poses,
    *,
    looks: np.ndarray | None = None,
    appearance: np.ndarray | None = None,
    max_gap: float = 2.0,
    cuts: Sequence[int] = (),
    progress: More = nobody,
) -> Poses:
    """Give every person an id and drop detections that are nobody's.

    Somebody lost from sight keeps the id when a person of about that size goes on, within `max_gap` seconds, about
    where the lost one would have got to; somebody who left over the left or right edge also when a person of about
    that size comes back over the same edge, at about that height, within twice as long. Everybody else is new,
    and so is everybody after a cut.

    Args:
        poses: Poses in image space; their person ids are not looked at.
        looks: (F,) frames that the detector looked at, see `detect`, in any rhythm; None for every frame. Frames that
            it did not look at are none in which somebody is lost.
        appearance: (N, C) the colours of each row, see `in_the_wild.appearance`; None where nobody looked.
        max_gap: Seconds that a person may be lost and still be the same one.
        cuts: Frames with which another shot begins, see `in_the_wild.cuts`.
        progress: Told how many more rows are done.

    Returns:
        Poses with ids 0, 1, 2 ... in the order in which people first appear (together: the larger first), rows by
        rising frame, then id. Duplicates and ghosts are left out.

    Raises:
        InputError: poses that are not in image space, looks at frames that the video does not have, or a `max_gap`
            that cannot be.
    """
    ids = track_ids(poses, looks=looks, appearance=appearance, max_gap=max_gap, cuts=cuts, progress=progress)
    order = np.lexsort((ids, poses.frame))
    tracked = poses.replace(person_id=ids).rows(order[ids[order] >= 0])
    return tracked.with_meta(track={"max_gap": max_gap}, cuts=[int(cut) for cut in cuts])


def track_ids(
    poses: Poses,
    *,
    looks: np.ndarray | None = None,
    appearance: np.ndarray | None = None,
    max_gap: float = 2.0,
    cuts: Sequence[int] = (),
    progress: More = nobody,
) -> np.ndarray:
    """The ids that `track` gives: (N,) for the rows as they are, -1 for rows that it leaves out.

    Args and errors are those of `track`.
    """
    if poses.space != "image":
        raise InputError(f"People are tracked by keypoints in the picture, found poses in {poses.space} space.")
    if not max_gap >= 0:
        raise InputError(f"The longest gap is a number of seconds from 0, found {max_gap}.")
    frames = poses.video.frames
    looked_at = np.arange(frames) if looks is None else np.union1d(looks, poses.frame)
    if len(looked_at) and not 0 <= looked_at[0] <= looked_at[-1] < frames:
        raise InputError(f"Looks are at frames 0..{frames - 1}, found {looked_at[0]} to {looked_at[-1]}.")

    detections = Detections.of(poses, looks, appearance)
    times = np.append(poses.video.timestamps, poses.video.timestamps[-1:] + 1 / poses.video.fps)
    tracks: list[Tracklet] = []
    shots = sorted({0, *(cut for cut in cuts if 0 < cut < frames), frames})
    for begin, end in itertools.pairwise(shots):
        shot = np.flatnonzero((poses.frame >= begin) & (poses.frame < end)).tolist()
        if not shot:
            continue
        seconds = float(times[end] - times[begin])
        # Where frames are left out, once is not enough, however long it is to the next: it could be one wrong pose.
        looks_in_shot = int(((looked_at >= begin) & (looked_at < end)).sum())
        fewest = 2 if 1 < looks_in_shot < end - begin else 1
        tracks += [
            rows
            for rows in _track_shot(detections, shot, max_gap, progress)
            if len(rows) >= fewest and not _is_ghost(detections, rows, shot_seconds=seconds)
        ]

    ids = np.full(len(poses), -1)
    for person, rows in enumerate(sorted(tracks, key=lambda rows: (poses.frame[rows[0]], -detections.presence(rows)))):
        ids[rows] = person
    return ids


def _track_shot(detections: Detections, rows: list[int], max_gap: float, progress: More) -> list[Tracklet]:
    """The tracks of one shot, ghosts among them."""
    tracklets = _without_doubles(detections, _associate(detections, _nms(detections, rows), progress))
    tracklets, ambiguous = _split_where_people_meet(detections, tracklets, max_gap)
    tracks = _link(detections, tracklets, max_gap)
    return _link(detections, _give_back(detections, tracks, ambiguous), max_gap)


def _is_ghost(detections: Detections, track: Tracklet, *, shot_seconds: float) -> bool:
    """Whether somebody is seen too rarely, or for too short a time, to be there.

    People in full view are found at nearly every look, and things that look like people at some of them. Half the shot
    is long enough in any case.
    """
    if detections.share_found(track) < _SPARSE:
        return True
    faint = float(detections.scores[track].mean()) < _FAINT
    return detections.duration(track) < min(_FAINT_GHOST_S if faint else _GHOST_S, shot_seconds / 2)


def _best_pairs(affinity: np.ndarray, least: float) -> list[tuple[int, int]]:
    """The one-to-one pairs (row, column) of the greatest sum, each with at least the least affinity."""
    allowed = np.where(affinity >= least, affinity, 0)
    rows, columns = linear_sum_assignment(allowed, maximize=True)
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if allowed[i, j] > 0]


# ---------------------------------------------------------------------------------------------- frame by frame


def _nms(detections: Detections, rows: list[int]) -> list[int]:
    """Non-maximum suppression: of detections of the same person in one frame the one with the best scores stays."""
    kept = []
    quality = detections.scores.mean(axis=1)
    for in_frame in detections.by_frame(rows):
        best_first = sorted(in_frame, key=lambda row: -quality[row])
        centre, size = detections.centre[best_first], detections.size[best_first]
        trunks = np.linalg.norm(centre[:, None] - centre[None], axis=-1) / np.minimum(size[:, None], size[None])
        same = (detections.oks(best_first, best_first) >= _NMS_OKS) | (trunks <= _NMS_TRUNK)
        chosen: list[int] = []
        for i in range(len(best_first)):
            if not same[i, chosen].any():
                chosen.append(i)
        kept += [best_first[i] for i in chosen]
    return kept


def _associate(detections: Detections, rows: list[int], progress: More) -> list[Tracklet]:
    """Join detections of neighbouring frames to tracklets."""
    done: list[Tracklet] = []
    live: list[Tracklet] = []
    for now in detections.by_frame(rows):
        oldest = detections.unbroken_since[now[0]]
        done += [tracklet for tracklet in live if detections.time[tracklet[-1]] < oldest]
        live = [tracklet for tracklet in live if detections.time[tracklet[-1]] >= oldest]
        fresh = set(now)
        if live:
            last = [tracklet[-1] for tracklet in live]
            velocity = np.array([detections.last_velocity(tracklet) for tracklet in live])
            for i, j in _best_pairs(detections.affinity(last, now, velocity=velocity), _ASSOCIATION):
                live[i].append(now[j])
                fresh.discard(now[j])
        live += [[row] for row in now if row in fresh]
        progress(len(now))
    return done + live


def _without_doubles(detections: Detections, tracklets: list[Tracklet]) -> list[Tracklet]:
    """The tracklets without those that are parts of people, or people seen a second time, beside a longer tracklet.

    These are tracklets shorter than a ghost that overlap a longer one most of the time, and tracklets of up to a second
    that most of the time have their trunk in about the same place as a longer one.
    """
    in_frame = {
        int(detections.frame[rows[0]]): rows
        for rows in detections.by_frame(row for tracklet in tracklets for row in tracklet)
    }
    length = {row: len(tracklet) for tracklet in tracklets for row in tracklet}
    kept = []
    for tracklet in tracklets:
        seconds = detections.duration(tracklet)
        overlapping, upon = 0, 0
        for row in tracklet if seconds < _DOUBLE_S else ():
            others = [other for other in in_frame[int(detections.frame[row])] if length[other] > len(tracklet)]
            if others:
                overlapping += detections.iou([row], others).max() >= MEETING
                distance = np.linalg.norm(detections.centre[others] - detections.centre[row], axis=1)
                upon += (distance / detections.size[others]).min() <= _DOUBLE_TRUNK
        is_part = seconds < _GHOST_S and overlapping > len(tracklet) / 2
        if not is_part and upon <= len(tracklet) / 2:
            kept.append(tracklet)
    return kept


# ------------------------------------------------------------------------------------------- where people meet


def _split_where_people_meet(
    detections: Detections, tracklets: list[Tracklet], max_gap: float
) -> tuple[list[Tracklet], list[Tracklet]]:
    """Take out what is ambiguous where two people overlap and one of them is lost or found.

    That is a moment around it, in which one covers the other, and the time between losing and finding somebody, in
    which either may be the one who is seen.

    Returns:
        The parts that are left; and those that were taken out.
    """
    ambiguous = {i: np.zeros(len(tracklet), dtype=bool) for i, tracklet in enumerate(tracklets)}
    events: dict[int, list[tuple[float, str]]] = {i: [] for i in range(len(tracklets))}
    begin, end = detections.spans(tracklets)
    for i, tracklet in enumerate(tracklets):
        if detections.duration(tracklet) < _GHOST_S:
            continue
        for row, event in ((tracklet[-1], "lost"), (tracklet[0], "found")):
            moment = detections.time[row]
            for j in np.flatnonzero((begin < moment) & (moment < end)):
                k = int(np.searchsorted(detections.time[tracklets[j]], moment))
                around = tracklets[j][k - 1 : k + 1]  # the detections on both sides of the moment
                if detections.iou([row], around).max() >= MEETING:
                    events[j].append((moment, event))
                    for n in (i, j):
                        ambiguous[n] |= np.abs(detections.time[tracklets[n]] - moment) <= _DOUBT_S
    for j, tracklet in enumerate(tracklets):
        for (lost, first), (found, second) in itertools.pairwise(sorted(events[j])):
            if (first, second) == ("lost", "found") and found - lost <= max_gap:
                ambiguous[j] |= (detections.time[tracklet] >= lost) & (detections.time[tracklet] <= found)

    left: list[Tracklet] = []
    aside: list[Tracklet] = []
    for i, tracklet in enumerate(tracklets):
        for run in np.split(np.arange(len(tracklet)), np.flatnonzero(np.diff(ambiguous[i])) + 1):
            (aside if ambiguous[i][run[0]] else left).append(tracklet[run[0] : run[-1] + 1])
    return left, aside


def _give_back(detections: Detections, tracks: list[Tracklet], ambiguous: list[Tracklet]) -> list[Tracklet]:
    """Give what was taken out to the people who passed there; what fits nobody stays a tracklet of its own.

    The longest and best fitting parts come first. What lies beside a part in the same frames is for other people.
    """
    tracks = [list(rows) for rows in tracks]
    left = [part for tracklet in ambiguous for part in _steady_parts(detections, tracklet)]
    fits = _passing_affinities(detections, tracks, left)
    while fits.size:
        totals = np.where(fits >= _LINK, fits * [len(part) for part in left], 0)
        person, best = np.unravel_index(np.argmax(totals), totals.shape)
        if totals[person, best] == 0:
            break
        given = left.pop(best)
        tracks[person] = sorted(tracks[person] + given, key=lambda row: detections.frame[row])
        taken = set(detections.frame[given].tolist())
        beside = {i for i, part in enumerate(left) if taken & set(detections.frame[part].tolist())}
        split = [
            list(rows)
            for i in sorted(beside)
            for _, rows in itertools.groupby(left[i], key=lambda row: int(detections.frame[row]) in taken)
        ]
        left = [part for i, part in enumerate(left) if i not in beside]
        fits = np.delete(np.delete(fits, best, axis=1), sorted(beside), axis=1)
        fits[person] = _passing_affinities(detections, [tracks[person]], left)
        fits = np.concatenate([fits, _passing_affinities(detections, tracks, split)], axis=1)
        left += split
    return tracks + left


def _passing_affinities(detections: Detections, tracks: list[Tracklet], parts: list[Tracklet]) -> np.ndarray:
    """(T, P) `_passing_affinity` of every track and every part."""
    fits = np.zeros((len(tracks), len(parts)))
    if fits.size:
        (begin, end), (first, last) = detections.spans(tracks), detections.spans(parts)
        for i, j in np.argwhere((begin[:, None] < first) & (last < end[:, None])):
            fits[i, j] = _passing_affinity(detections, tracks[i], parts[j])
    return fits


def _steady_parts(detections: Detections, tracklet: Tracklet) -> list[Tracklet]:
    """A tracklet, split where its pose jumps: the detector may have gone from one person to another there."""
    parts = [tracklet[:1]]
    for before, row in itertools.pairwise(tracklet):
        moved = (detections.centre[row] - detections.centre[before])[None]
        if detections.oks([before], [row], moved=moved)[0, 0] < _STEADY:
            parts.append([])
        parts[-1].append(row)
    return parts


def _passing_affinity(detections: Detections, track: Tracklet, part: Tracklet) -> float:
    """In [0, 1]: how well a part lies on the way of a person who is not seen during it; 0 for one who is elsewhere."""
    time = detections.time[track]
    i = int(np.searchsorted(time, detections.time[part[0]]))
    if time[i] <= detections.time[part[-1]]:
        return 0.0
    before, after = track[i - 1], track[i]
    share = (detections.time[part] - time[i - 1]) / (time[i] - time[i - 1])  # (rows,) of the way
    way = detections.centre[before] + (detections.centre[after] - detections.centre[before]) * share[:, None]
    size = (detections.size[before] + detections.size[after]) / 2
    off = np.linalg.norm(detections.centre[part] - way, axis=1) / size
    unseen = np.minimum(detections.time[part] - time[i - 1], time[i] - detections.time[part])
    return float(np.exp(-((off / (_PASSING + _PASSING_A_SECOND * unseen)) ** 2) / 2).mean())


# ---------------------------------------------------------------------------------------------------- over gaps


def _link(detections: Detections, tracklets: list[Tracklet], max_gap: float) -> list[Tracklet]:
    """Join tracklets over gaps until none fit together any more.

    Velocity, size and colours of what was joined tell more than those of its parts, so the surest links come first.
    """
    for least in _SURENESS:
        before = 0
        while len(tracklets) != before:
            before = len(tracklets)
            tracklets = _link_once(detections, tracklets, max_gap, least)
    return tracklets


def _link_once(detections: Detections, tracklets: list[Tracklet], max_gap: float, least: float) -> list[Tracklet]:
    """Join tracklets over gaps, each with one before and one after it at most.

    A tracklet may also go on as one that begins a few frames before its own end, which is then cut off: when a detector
    slips off a person, it often finds the person anew before it gives the slipped pose up.
    """
    begin, end = detections.spans(tracklets)
    colours = [detections.colours_of(tracklet) for tracklet in tracklets]
    affinity = np.zeros((len(tracklets), len(tracklets)))
    for i, tracklet in enumerate(tracklets):
        after = (begin > begin[i]) & (end > end[i]) & (begin > end[i] - UNBROKEN_S)
        for j in np.flatnonzero(after & (begin <= end[i] + _AWAY_GAPS * max_gap)):
            earlier = detections.earlier(tracklet, begin[j])
            if begin[j] - end[i] <= max_gap:
                affinity[i, j] = _link_affinity(detections, earlier, tracklets[j])
            affinity[i, j] = max(affinity[i, j], _return_affinity(detections, earlier, tracklets[j]))
            affinity[i, j] *= detections.size_affinity(earlier, tracklets[j]) * colour_affinity(colours[i], colours[j])
            affinity[i, j] *= np.exp(-max(0.0, begin[j] - end[i]) / _FORGOTTEN_S)
    following = dict(_best_pairs(affinity, least))
    joined = []
    for i in sorted(set(range(len(tracklets))) - set(following.values())):
        rows = list(tracklets[i])
        while i in following:
            i = following[i]
            rows = detections.earlier(rows, begin[i]) + tracklets[i]
        joined.append(rows)
    return joined


def _link_affinity(detections: Detections, before: Tracklet, after: Tracklet) -> float:
    """In [0, 1]: how well one tracklet goes on as the other, both ends moved on at their own velocity."""
    forward = detections.affinity([before[-1]], [after[0]], velocity=detections.last_velocity(before)[None])
    backward = detections.affinity([after[0]], [before[-1]], velocity=detections.first_velocity(after)[None])
    return float(forward[0, 0] + backward[0, 0]) / 2


def _return_affinity(detections: Detections, before: Tracklet, after: Tracklet) -> float:
    """In [0, 1/2], so that it comes second: how well somebody who left over an edge comes back over it as the other."""
    x = detections.keypoints[[before[-1], after[0]], :, 0]  # (2, J); guesses tell how far somebody is out of it
    at_left = (x.min(axis=1) <= _EDGE * detections.width).all()
    at_right = (x.max(axis=1) >= (1 - _EDGE) * detections.width).all()
    if not (at_left or at_right):
        return 0.0
    size = (detections.size[before[-1]] + detections.size[after[0]]) / 2
    higher = (detections.centre[before[-1], 1] - detections.centre[after[0], 1]) / size
    return 0.5 * float(np.exp(-(higher**2) / 2))
