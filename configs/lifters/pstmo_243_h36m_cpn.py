# P-STMO: four layers.
_base_ = ["./_pstmo.py"]
arguments = dict(layers=4)
data = "Human3.6M, 2D by CPN"
published = dict(mpjpe=42.8, p_mpjpe=34.4, parameters=6.7, source="paper, table 1; README")
files = ["PSTMO_no_refine_11_4288_h36m_cpn.pth"]
