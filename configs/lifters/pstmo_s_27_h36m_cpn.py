# P-STMO-S with 27 frames, every 9th of the video.
_base_ = ["./_pstmo.py"]
arguments = dict(frames=27)
window = 27
training = dict(fps=50 / 9)
released = False
data = "Human3.6M, 2D by CPN"
published = dict(mpjpe=46.1, parameters=4.6, source="paper, table 5")
files = ()
