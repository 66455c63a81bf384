# STCFormer with 9 frames on MPI-INF-3DHP.
_base_ = ["./stcformer_3dhp_81.py"]
arguments = dict(frames=9)
