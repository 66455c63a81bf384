# STCFormer-L: twice as wide.
_base_ = ["./_stcformer.py"]
arguments = dict(frames=243, channels=512)
window = 243
training = dict(fps=25.0)
data = "Human3.6M, 2D by CPN"
published = dict(mpjpe=40.5, p_mpjpe=31.8, parameters=18.91, source="paper, tables 1 and 4")
released = False
files = ()
