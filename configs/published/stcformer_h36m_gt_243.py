# STCFormer with 243 frames, on true 2D keypoints (-k gt).
_base_ = ["./stcformer_h36m_cpn_243.py"]
training = dict(data="Human3.6M, true 2D")
data = dict(inputs="gt")
