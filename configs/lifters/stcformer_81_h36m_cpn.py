# STCFormer with 81 frames. The paper's 42.0 mm averages this network's poses with those of 27 frames.
_base_ = ["./_stcformer.py"]
arguments = dict(frames=81)
window = 81
data = "Human3.6M, 2D by CPN"
published = dict(mpjpe=41.72, p_mpjpe=32.94, parameters=4.75, source="README")
released = True
files = ["no_refine_6_4172.pth"]
