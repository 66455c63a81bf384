# MixSynthFormer for Human3.6M joints on every tenth frame, 0.4 s apart.
_base_ = ["./mixsynthformer_human36m17_n5.py"]

arguments = dict(interval=10, segments=4)
pool = 8000
seed = 3
