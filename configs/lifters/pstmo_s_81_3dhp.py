# P-STMO-S on MPI-INF-3DHP, in millimetres; 11 of its 16 training sequences have 25 frames/s, 5 have 50.
_base_ = ["./_pstmo.py"]
arguments = dict(frames=81)
window = 81
training = dict(input_skeleton="mpi_inf_3dhp17", output_skeleton="mpi_inf_3dhp17", metres=0.001)
data = "MPI-INF-3DHP, true 2D"
published = dict(mpjpe=32.2, pck=97.9, auc=75.8, source="paper, table 2")
files = ["PSTMOS_no_refine_50_3203_3dhp.pth"]
