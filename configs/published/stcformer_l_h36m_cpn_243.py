# STCFormer-L, twice as wide; the README gives the command for the smaller network with 27 frames.
_base_ = ["./stcformer_h36m_cpn_243.py"]
arguments = dict(channels=512)
