# P-STMO-S on true 2D keypoints.
_base_ = ["./_pstmo.py"]
data = "Human3.6M, true 2D"
published = dict(mpjpe=29.3, parameters=6.2, source="paper, table 1")
files = ["PSTMOS_no_refine_15_2936_h36m_gt.pth"]
