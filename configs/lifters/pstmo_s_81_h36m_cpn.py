# P-STMO-S with 81 frames, every third of the video.
_base_ = ["./_pstmo.py"]
arguments = dict(frames=81)
window = 81
training = dict(fps=50 / 3)
released = False
data = "Human3.6M, 2D by CPN"
published = dict(mpjpe=44.1, parameters=5.4, source="paper, table 5")
files = ()
