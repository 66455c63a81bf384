# VideoPose3D with 243 frames.
_base_ = ["./_videopose3d.py"]
data = "Human3.6M, 2D by CPN"
published = dict(mpjpe=46.8, p_mpjpe=36.5, parameters=17.0, source="README")
released = True
files = ["pretrained_h36m_cpn.bin"]
