# MixSynthFormer for COCO keypoints on every tenth frame, 0.4 s apart.
_base_ = ["./mixsynthformer_coco17_n5.py"]

arguments = dict(interval=10, segments=4)
seed = 1
