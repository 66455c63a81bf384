# STCFormer with 243 frames, every second of the video (issue 3); the README gives the command for 27.
_base_ = ["./_stcformer.py"]
arguments = dict(frames=243)
training = dict(fps=25.0)
windows = dict(tds=2)
test = dict(tds=2)
