# STCFormer with 81 frames on MPI-INF-3DHP, in millimetres; no frames are left out.
_base_ = ["./_stcformer.py"]
arguments = dict(frames=81, variant="3dhp")
window = 81
training = dict(input_skeleton="mpi_inf_3dhp17", output_skeleton="mpi_inf_3dhp17", fps=25.0, metres=0.001)
data = "MPI-INF-3DHP, true 2D"
published = dict(mpjpe=23.1, pck=98.7, auc=83.9, source="paper, table 3")
released = True
files = ["no_refine_8_2310.pth"]
