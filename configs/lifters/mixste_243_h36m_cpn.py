# MixSTE with 243 frames; the authors' code names its files best_epoch.bin and epoch_N.bin.
_base_ = ["./_mixste.py"]
arguments = dict(frames=243)
data = "Human3.6M, 2D by CPN"
published = dict(
    mpjpe=40.9, p_mpjpe=32.6, parameters=33.61, source="STCFormer's paper, tables 1 and 4; P-MPJPE: a list on the web"
)
released = True
