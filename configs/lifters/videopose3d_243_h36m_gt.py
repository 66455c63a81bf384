# VideoPose3D with 243 frames, on true 2D keypoints.
_base_ = ["./_videopose3d.py"]
data = "Human3.6M, true 2D"
published = dict(mpjpe=37.2, p_mpjpe=27.2, source="README")
released = False
files = ()
