# STCFormer with 27 frames.
_base_ = ["./_stcformer.py"]
arguments = dict(frames=27)
data = "Human3.6M, 2D by CPN"
published = dict(mpjpe=44.08, p_mpjpe=34.76, parameters=4.75, source="README; paper, table 4")
released = True
files = ["no_refine_6_4406.pth"]
