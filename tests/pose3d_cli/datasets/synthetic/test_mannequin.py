"""The mannequin: what is drawn lies where the joints say."""

from __future__ import annotations

import numpy as np
import pytest

from in_the_wild.skeletons import HUMAN36M17
from pose3d_cli.datasets.synthetic.mannequin import raycast
from pose3d_cli.datasets.synthetic.mannequin.camera import Camera, project
from pose3d_cli.datasets.synthetic.mannequin.cones import RoundCone
from pose3d_cli.datasets.synthetic.mannequin.furniture import block, furnish, table
from pose3d_cli.datasets.synthetic.mannequin.look import Look
from pose3d_cli.datasets.synthetic.mannequin.render import render
from pose3d_cli.datasets.synthetic.mannequin.room import textured_background
from pose3d_cli.datasets.synthetic.mannequin.sensor import Sensor
from pose3d_cli.datasets.synthetic.motion import actions
from pose3d_cli.datasets.synthetic.motion.play import play


def camera_in_front(*, size: int = 240, height: float = 1.2, roll: float = 0.0) -> Camera:
    return Camera.look_at(position=(0, -4, height), target=(0, 0, 0.9), width=size, height=size, fov=34, roll=roll)


def standing(*, heading: float = 180.0, at: tuple[float, float] = (0.0, 0.0)) -> tuple[np.ndarray, np.ndarray]:
    """Joints (17, 3) and face (5, 3) of somebody who stands; a heading of 180 looks at `camera_in_front`."""
    still = play([actions.stand(seconds=0.1)], fps=20).placed(at=at, heading=heading)
    return still.joints[0], still.face[0]


def drawn(image: np.ndarray, *, background: int = 128) -> np.ndarray:
    return (np.abs(image.astype(int) - background) > 12).any(axis=-1)


def test_look_at_puts_the_target_in_the_middle_and_up_on_top() -> None:
    camera = camera_in_front(roll=0)
    np.testing.assert_allclose(project([0, 0, 0.9], camera), [120, 120], atol=1e-9)
    assert project([0, 0, 1.5], camera)[1] < 120  # higher in the world, higher in the picture
    assert project([0.5, 0, 0.9], camera)[0] > 120  # +x is right of a camera that looks along +y
    assert np.isnan(project([0, -5, 0.9], camera)).all()
    assert np.linalg.det(camera.R) == pytest.approx(1)
    np.testing.assert_allclose(camera.position, [0, -4, 1.2])


@pytest.mark.parametrize("heading", [180.0, 90.0, 0.0])
def test_the_person_is_drawn_where_the_joints_project(heading: float) -> None:
    camera = camera_in_front()
    joints, face = standing(heading=heading)
    mask = drawn(render(joints[None], face[None], camera=camera, looks=[Look()], shadow=False))
    pixels = project(joints, camera)
    columns, rows = np.floor(pixels).astype(int).T
    assert mask[rows, columns].all()
    v, u = np.nonzero(mask)
    metre = camera.K[0, 0] / 4
    # Crown above the head joint, soles below the ankles, shoulders and arms not much wider than their joints.
    assert 0.03 < (pixels[:, 1].min() - v.min()) / metre < 0.14
    assert 0.04 < (v.max() - pixels[:, 1].max()) / metre < 0.15
    assert 0.02 < (pixels[:, 0].min() - u.min()) / metre < 0.22
    assert 0.02 < (u.max() - pixels[:, 0].max()) / metre < 0.22
    assert abs(u.mean() - pixels[0, 0]) / metre < 0.06


@pytest.mark.parametrize("heading", [180.0, 0.0])
def test_the_left_sleeve_is_on_the_left_arm(heading: float) -> None:
    camera = camera_in_front(roll=12)
    joints, face = standing(heading=heading)
    look = Look(left_sleeve=(0, 1, 0), right_sleeve=(0, 0, 1), shirt=(1, 0, 0), trousers=(0.5, 0.5, 0.5), sleeve=2.0)
    image = render(joints[None], face[None], camera=camera, looks=[look], shadow=False).astype(int)
    for side, channel in (("left", 1), ("right", 2)):
        v, u = np.nonzero(image[..., channel] > 1.5 * np.delete(image, channel, axis=-1).max(axis=-1))
        centre = np.array([u.mean(), v.mean()])
        distances = np.linalg.norm(project(joints, camera) - centre, axis=-1)
        assert HUMAN36M17.joints[int(distances.argmin())] == f"{side}_elbow"


def test_the_face_is_on_the_front() -> None:
    """Eye whites are seen from the front and not from behind, where the hair is."""
    camera = Camera.look_at(position=(0, -1.5, 1.65), target=(0, 0, 1.65), width=160, height=160, fov=20)
    looks = [Look(skin=(0.9, 0.2, 0.2), hair=(0.1, 0.1, 0.5))]
    whites = []
    for heading in (180.0, 0.0):
        joints, face = standing(heading=heading)
        image = render(
            joints[None], face[None], camera=camera, looks=looks, background=np.zeros((160, 160, 3), np.uint8)
        )
        whites.append(int((image.min(axis=-1) > 110).sum()))
    assert whites[0] > 20
    assert whites[1] == 0


def test_the_nearer_person_hides_the_farther() -> None:
    camera = camera_in_front(height=0.9)
    near, far = standing(at=(0.0, -0.8)), standing(at=(0.0, 0.8))
    red, blue = (Look(shirt=c, trousers=c, skin=c, hair=c, shoes=c) for c in ((1.0, 0, 0), (0, 0, 1.0)))
    pictures = []
    for order in ((0, 1), (1, 0)):
        people, looks = [(near, far)[i] for i in order], [(red, blue)[i] for i in order]
        pictures.append(
            render(np.stack([p[0] for p in people]), np.stack([p[1] for p in people]), camera=camera, looks=looks)
        )
    np.testing.assert_array_equal(pictures[0], pictures[1])
    image = pictures[0].astype(int)
    u, v = np.floor(project(near[0][HUMAN36M17.index("spine")], camera)).astype(int)
    assert image[v, u, 0] > 2 * image[v, u, 2]
    alone = render(far[0][None], far[1][None], camera=camera, looks=[blue]).astype(int)
    hidden = (alone[..., 2] > 2 * alone[..., 0]).sum() - (image[..., 2] > 2 * image[..., 0]).sum()
    assert hidden > 0.5 * (alone[..., 2] > 2 * alone[..., 0]).sum()


def test_rays_meet_the_surface_of_round_cones() -> None:
    """Against the definition: a round cone is the union of the spheres between its two ends."""
    rng = np.random.default_rng(0)
    camera = Camera(K=np.diag([1.0, 1.0, 1.0]), R=np.eye(3), t=np.zeros(3), width=1, height=1)
    x = np.linspace(-0.5, 0.5, 31)
    s = np.linspace(0, 1, 2001)[:, None]
    for _ in range(12):
        a, b = rng.uniform([-0.6, -0.6, 3], [0.6, 0.6, 4], size=(2, 3))
        ra, rb = rng.uniform(0.05, 0.4, size=2)
        part = RoundCone(a=a, b=b, ra=ra, rb=rb, colour=(1, 1, 1))
        depth = raycast.intersect(raycast.Table.of([[part]], camera), 0, x, x)
        rows, columns = np.nonzero(np.isfinite(depth))
        assert 5 < len(rows) < depth.size
        hits = np.stack([x[columns], x[rows], np.ones(len(rows))], axis=-1) * depth[rows, columns][:, None]
        gap = (np.linalg.norm(hits[:, None] - (a + s * (b - a)), axis=-1) - (ra + s * (rb - ra))[:, 0]).min(axis=1)
        assert np.abs(gap).max() < 1e-4
        # No sphere of the union is met by a ray that is said to miss.
        rows, columns = np.nonzero(np.isinf(depth))
        rays = np.stack([x[columns], x[rows], np.ones(len(rows))], axis=-1)
        rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
        centres = a + s[::20] * (b - a)
        distance = np.linalg.norm(np.cross(rays[:, None], centres), axis=-1)
        assert (distance - (ra + s[::20] * (rb - ra))[:, 0]).min() > -1e-9


def test_people_behind_or_beside_the_camera_are_not_drawn() -> None:
    camera = camera_in_front()
    joints, face = standing(at=(0.0, -9.0))
    assert (render(joints[None], face[None], camera=camera, looks=[Look()], shadow=False) == 128).all()
    assert (render(np.zeros((0, 17, 3)), np.zeros((0, 5, 3)), camera=camera, looks=[]) == 128).all()
    with pytest.raises(ValueError, match="for 2 looks"):
        render(joints[None], face[None], camera=camera, looks=[Look(), Look()])


def test_the_shadow_lies_on_the_floor_away_from_the_light() -> None:
    camera = camera_in_front(height=3.0)
    joints, face = standing()
    plain = render(joints[None], face[None], camera=camera, looks=[Look()], shadow=False)
    for x in (-1.0, 1.0):
        image = render(joints[None], face[None], camera=camera, looks=[Look()], light=(x, 0, 1))
        _, u = np.nonzero((plain == 128).all(axis=-1) & (image < 115).all(axis=-1))
        assert (u.mean() - 120) * x < 0
        assert len(u) > 300


def test_a_background_is_the_seed_s_and_has_texture() -> None:
    camera = camera_in_front(size=120)
    first, again, other = (textured_background(camera, np.random.default_rng(seed)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first.astype(int) - other).mean() > 5
    assert first[90:].std(axis=(0, 1)).min() > 1  # the floor
    for seed in range(6):
        Look.random(np.random.default_rng(seed))


def test_loose_clothes_and_skirts_are_wider_than_legs() -> None:
    camera = camera_in_front()
    joints, face = standing()
    areas = [
        drawn(render(joints[None], face[None], camera=camera, looks=[look], shadow=False)).sum()
        for look in (Look(), Look(loose=1.35), Look(skirt=1.0))
    ]
    assert areas[1] > 1.02 * areas[0]
    assert areas[2] > 1.05 * areas[0]


LAMP = np.array([0.0, -1.0, 1.0])


def test_furniture_hides_who_is_behind_it_and_not_who_is_in_front() -> None:
    camera = camera_in_front(height=1.0)
    empty = np.zeros((240, 240, 3), np.uint8)
    counter = block(np.zeros(2), np.array([2.0, 0.4, 0.8]), 0.0, (0.1, 0.1, 0.9))
    room = furnish(empty, counter, camera=camera, light=LAMP)
    u, v = np.floor(project([0, -0.2, 0.4], camera)).astype(int)
    assert room.depth[v, u] == pytest.approx(3.8, abs=0.02)  # its front, 0.2 m nearer than the middle
    assert room.picture[v, u, 2] > 4 * room.picture[v, u, 0]
    red = Look(shirt=(1, 0, 0), trousers=(1, 0, 0), skin=(1, 0, 0), shoes=(1, 0, 0), hair=(1, 0, 0))

    def red_below_the_top(y: float) -> int:
        joints, face = standing(at=(0.0, y))
        image = render(joints[None], face[None], camera=camera, looks=[red], background=room, shadow=False)
        return int((image[v:, :, 0] > 2 * image[v:, :, 2].astype(int)).sum())

    assert red_below_the_top(0.8) == 0
    assert red_below_the_top(-0.8) > 500


def test_a_turned_box_is_drawn_within_its_corners() -> None:
    camera = camera_in_front(height=1.6)
    (box,) = block(np.array([0.2, 0.3]), np.array([0.9, 0.5, 0.7]), 0.6, (1.0, 1.0, 1.0))
    room = furnish(np.zeros((240, 240, 3), np.uint8), [box], camera=camera, light=LAMP)
    corners = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)]) * box.size
    pixels = project(corners @ box.axes + box.centre, camera)
    v, u = np.nonzero(np.isfinite(room.depth))
    np.testing.assert_allclose((u.min(), v.min()), pixels.min(axis=0), atol=1.5)
    np.testing.assert_allclose((u.max(), v.max()), pixels.max(axis=0), atol=1.5)
    assert len(np.unique(room.picture[v, u])) == 3  # three sides are seen, each in its own light


def test_one_sees_through_below_a_table() -> None:
    camera = camera_in_front(height=0.8)
    room = furnish(
        np.zeros((240, 240, 3), np.uint8),
        table(np.zeros(2), np.array([1.6, 0.8, 0.75]), 0.0, (1.0, 1.0, 1.0)),
        camera=camera,
        light=LAMP,
    )
    hidden = np.isfinite(room.depth)
    top, below = (np.floor(project([0, -0.4, z], camera)).astype(int)[1] for z in (0.72, 0.4))
    assert hidden[top, 120]
    assert not hidden[below, 120]


def test_a_sensor_changes_light_and_not_what_is_seen() -> None:
    ramp = np.broadcast_to(np.arange(240, dtype=np.uint8)[:, None, None], (240, 240, 3)).copy()
    np.testing.assert_allclose(Sensor().expose(ramp, np.random.default_rng(0)), ramp, atol=4)
    for seed in range(4):
        rng = np.random.default_rng(seed)
        taken = Sensor.random(rng).expose(ramp, rng)
        rows = taken.mean(axis=(1, 2))
        assert np.corrcoef(rows, np.arange(240))[0, 1] > 0.9
