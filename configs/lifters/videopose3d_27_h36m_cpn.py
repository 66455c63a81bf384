# VideoPose3D with 27 frames.
_base_ = ["./_videopose3d.py"]
arguments = dict(filter_widths=(3, 3, 3))
window = 27
data = "Human3.6M, 2D by CPN"
published = dict(mpjpe=48.8, p_mpjpe=38.0, source="README")
released = False
files = ()
