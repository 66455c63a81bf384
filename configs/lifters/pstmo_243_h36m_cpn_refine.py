# P-STMO trained along with its refine module; the published error is that module's.
_base_ = ["./_pstmo.py"]
arguments = dict(layers=4)
data = "Human3.6M, 2D by CPN"
published = dict(
    mpjpe=42.1,
    parameters=6.7,
    source="paper, table 1",
    note="with PSTMO_refine_6_4215_h36m_cpn.pth, which uses ground truth",
)
files = ["PSTMO_no_refine_6_4215_h36m_cpn.pth"]
