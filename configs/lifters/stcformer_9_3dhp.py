# STCFormer with 9 frames on MPI-INF-3DHP, in millimetres; no frames are left out.
_base_ = ["./_stcformer.py"]
arguments = dict(frames=9, variant="3dhp")
window = 9
training = dict(input_skeleton="mpi_inf_3dhp17", output_skeleton="mpi_inf_3dhp17", fps=25.0, metres=0.001)
data = "MPI-INF-3DHP, true 2D"
published = dict(mpjpe=28.2, pck=98.2, auc=81.5, source="paper, table 3")
released = False
files = ()
