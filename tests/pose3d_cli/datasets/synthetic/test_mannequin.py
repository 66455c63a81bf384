"""The mannequin, its motion and its clips: truth must be what the pictures show."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from in_the_wild.errors import ConfigError
from in_the_wild.skeletons import COCO17, HUMAN36M17
from in_the_wild.video.read import VideoReader
from pose3d_cli.datasets.synthetic import clips, mannequin, motion
from pose3d_cli.datasets.synthetic.mannequin import Camera, Look, project, render, textured_background

ASSETS = Path(__file__).parents[4] / "assets"
ACTIONS: dict[str, Callable[[], motion.Action]] = {
    action.__name__: action
    for action in (
        motion.stand,
        motion.walk,
        motion.turn,
        motion.squat,
        motion.kick,
        motion.wave,
        motion.jumping_jacks,
        motion.crouch,
        motion.reach,
        motion.throw,
        motion.lunge,
        motion.punch,
        motion.sway,
    )
}


def camera_in_front(*, size: int = 240, height: float = 1.2, roll: float = 0.0) -> Camera:
    return Camera.look_at(position=(0, -4, height), target=(0, 0, 0.9), width=size, height=size, fov=34, roll=roll)


def standing(*, heading: float = 180.0, at: tuple[float, float] = (0.0, 0.0)) -> tuple[np.ndarray, np.ndarray]:
    """Joints (17, 3) and face (5, 3) of somebody who stands; a heading of 180 looks at `camera_in_front`."""
    still = motion.play([motion.stand(seconds=0.1)], fps=20).placed(at=at, heading=heading)
    return still.joints[0], still.face[0]


def drawn(image: np.ndarray, *, background: int = 128) -> np.ndarray:
    return (np.abs(image.astype(int) - background) > 12).any(axis=-1)


@pytest.mark.parametrize("name", ACTIONS)
def test_bones_keep_their_lengths(name: str) -> None:
    moving = motion.play([ACTIONS[name]()], fps=10)
    for joint, parent in enumerate(HUMAN36M17.parent_indices):
        if parent < 0 or HUMAN36M17.joints[joint] == "neck":  # the neck point belongs to the skull, which nods
            continue
        lengths = np.linalg.norm(moving.joints[:, joint] - moving.joints[:, parent], axis=-1)
        assert np.ptp(lengths) < 1e-9
    shin = moving.joints[0, HUMAN36M17.index("left_knee")] - moving.joints[0, HUMAN36M17.index("left_ankle")]
    assert np.linalg.norm(shin) == pytest.approx(motion.Figure().shin)


@pytest.mark.parametrize("name", ACTIONS)
def test_the_lower_foot_is_on_the_floor(name: str) -> None:
    moving = motion.play([ACTIONS[name]()], fps=30)
    feet = moving.joints[:, HUMAN36M17.indices("left_ankle", "right_ankle")]
    lowest = feet[..., 2].min(axis=1) - motion.Figure().ankle
    assert lowest.min() > -0.006
    assert lowest.max() < 0.006 or (name == "jumping_jacks" and 0.08 < lowest.max() < 0.12)
    # And where it bears the weight it does not slide (jumping jacks land with their feet on the move).
    bearing = feet[..., 2].argmin(axis=1)
    speed = np.linalg.norm(np.diff(feet[..., :2], axis=0), axis=-1)[np.arange(len(feet) - 1), bearing[:-1]] * 30
    assert np.median(speed) < 0.1 or name == "jumping_jacks"


def test_walking_goes_where_the_figure_looks_and_turning_turns_it() -> None:
    walk = motion.play([motion.walk(seconds=2.2)], fps=30).placed(heading=-90)
    travelled = walk.joints[-1, 0] - walk.joints[0, 0]
    assert travelled[0] > 1.5
    assert abs(travelled[1]) < 0.3
    nose, left_ear, right_ear = walk.face[0, 0], walk.face[0, 3], walk.face[0, 4]
    assert (nose - 0.5 * (left_ear + right_ear))[0] > 0.08

    turned = motion.play([motion.stand(), motion.turn(degrees=90), motion.stand()], fps=30)
    ears = turned.face[:, 4] - turned.face[:, 3]  # from left to right
    angle = np.degrees(np.arctan2(ears[..., 1], ears[..., 0]))
    assert angle[-1] - angle[0] == pytest.approx(90, abs=12)


def test_a_mirrored_action_is_the_mirror_image() -> None:
    time = np.linspace(0, 1.5, 7)
    flat = {"heading": np.zeros(7)}
    joints, face = motion.forward_kinematics(motion.throw().sample(time) | flat, figure=motion.Figure())
    twin, twin_face = motion.forward_kinematics(motion.throw().mirrored().sample(time) | flat, figure=motion.Figure())
    np.testing.assert_allclose(twin[:, HUMAN36M17.flip] * (-1, 1, 1), joints, atol=1e-12)
    np.testing.assert_allclose(twin_face[:, [0, 2, 1, 4, 3]] * (-1, 1, 1), face, atol=1e-12)


def test_poses_at_given_times_are_those_of_the_steady_clip() -> None:
    steady = motion.play([motion.kick()], fps=25)
    asked = motion.play([motion.kick()], time=steady.time[[3, 10, 11]])
    np.testing.assert_allclose(asked.joints, steady.joints[[3, 10, 11]], atol=1e-12)


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
        part = mannequin._Part(a=a, b=b, ra=ra, rb=rb, colour=(1, 1, 1))
        depth = mannequin._intersect(mannequin._Table.of([[part]], camera), 0, x, x)
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


def test_the_demo_s_truth_belongs_to_its_video() -> None:
    truth = np.load(ASSETS / "demo_truth.npz", allow_pickle=False)
    video = ASSETS / "demo.mp4"
    assert video.stat().st_size < 2e6
    joints, K = truth["joints_camera"].astype(float), truth["K"]
    pixels = joints[..., :2] / joints[..., 2:] * (K[0, 0], K[1, 1]) + K[:2, 2]
    np.testing.assert_allclose(pixels, truth["keypoints17"], atol=2e-3)
    left_wrist = (COCO17.index("left_wrist"), HUMAN36M17.index("left_wrist"))
    np.testing.assert_array_equal(truth["coco"][:, :, left_wrist[0]], truth["keypoints17"][:, :, left_wrist[1]])
    assert truth["visible"].all()
    standing_height = np.ptp((joints[-1, 0] - truth["t"]) @ truth["R"], axis=0)[2]  # world: head joint above ankles
    assert 1.4 < standing_height < 1.7

    reader = VideoReader(video)
    assert (reader.info.width, reader.info.height) == (truth["width"], truth["height"])
    frames = list(reader)
    assert len(frames) == len(truth["time"]) >= 8 * 25
    np.testing.assert_allclose([frame.time for frame in frames], truth["time"], atol=1e-3)
    # What is not the empty room is where the truth says the person is.
    scene = clips.scene("demo")
    room = textured_background(scene.camera, np.random.default_rng(scene.room), wall=scene.wall).astype(int)
    for t in range(0, len(frames), 30):
        person = np.abs(frames[t].image - room).max(axis=-1) > 30
        u, v = np.floor(truth["keypoints17"][t, 0]).astype(int).T
        assert person[v, u].mean() > 0.8


def test_phone_clips_have_their_rotation_and_their_own_times(tmp_path: Path) -> None:
    video, truth_file = clips.make("rotated", tmp_path)
    truth, reader = np.load(truth_file), VideoReader(video)
    assert reader.info.rotation in (90, 270)
    assert (reader.info.width, reader.info.height) == (240, 320) == (truth["width"], truth["height"])
    first = next(iter(reader)).image
    upright = next(clips.scene("rotated").frames())
    assert np.abs(first.astype(int) - upright).mean() < 6

    video, truth_file = clips.make("variable_rate", tmp_path)
    truth = np.load(truth_file)
    times = [frame.time for frame in VideoReader(video)]
    assert np.ptp(np.diff(times)) > 0.03
    np.testing.assert_allclose(times, truth["time"], atol=1e-3)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "rotated.mp4",
        "rotated_truth.npz",
        "variable_rate.mp4",
        "variable_rate_truth.npz",
    ]


def test_the_scenes_do_what_their_names_say() -> None:
    gone = clips.scene("leaving").truth()["visible"][:, 0]
    assert gone[0]
    assert gone[-1]
    assert (~gone).sum() > 20
    crossing = clips.scene("two_people").truth()["joints_camera"][:, :, 0, 0]
    assert crossing[0, 0] < crossing[0, 1]
    assert crossing[-1, 0] > crossing[-1, 1]
    for name, scene in clips.evaluation_clips().items():
        truth = scene.truth()
        inside = (truth["coco"] > 0) & (truth["coco"] < (scene.camera.width, scene.camera.height))
        assert inside.all(), name
    with pytest.raises(ConfigError, match='Did you mean "walker"'):
        clips.make("walkr", "nowhere")
