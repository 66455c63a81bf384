# VideoPose3D with 81 frames.
_base_ = ["./_videopose3d.py"]
arguments = dict(filter_widths=(3, 3, 3, 3))
window = 81
data = "Human3.6M, 2D by CPN"
published = dict(mpjpe=47.7, p_mpjpe=37.2, source="README")
released = False
files = ()
