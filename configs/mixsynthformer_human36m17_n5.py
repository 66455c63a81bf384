# MixSynthFormer for Human3.6M joints, lifted on every fifth frame at 25 frames/s, 0.2 s apart.
_base_ = ["./mixsynthformer_coco17_n5.py"]

task = "recover_joints_virtual"
arguments = dict(coordinates=51)
training = dict(space="camera", skeleton="human36m17", normalisation="none")
seed = 2
