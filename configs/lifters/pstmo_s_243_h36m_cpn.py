# P-STMO-S: three layers.
_base_ = ["./_pstmo.py"]
data = "Human3.6M, 2D by CPN"
published = dict(mpjpe=43.0, parameters=6.2, source="paper, table 1; README")
files = ["PSTMOS_no_refine_28_4306_h36m_cpn.pth"]
