# STCFormer with 81 frames, on true 2D keypoints (-k gt).
_base_ = ["./stcformer_h36m_cpn_81.py"]
training = dict(data="Human3.6M, true 2D")
data = dict(inputs="gt")
