# STCFormer with 243 frames; its weights belong to a company.
_base_ = ["./_stcformer.py"]
arguments = dict(frames=243)
window = 243
training = dict(fps=25.0)
data = "Human3.6M, 2D by CPN"
published = dict(mpjpe=41.0, p_mpjpe=32.0, parameters=4.75, source="paper, tables 1 and 4")
released = False
files = ()
