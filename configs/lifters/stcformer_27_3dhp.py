# STCFormer with 27 frames on MPI-INF-3DHP, in millimetres; no frames are left out.
_base_ = ["./_stcformer.py"]
arguments = dict(frames=27, variant="3dhp")
training = dict(input_skeleton="mpi_inf_3dhp17", output_skeleton="mpi_inf_3dhp17", fps=25.0, metres=0.001)
data = "MPI-INF-3DHP, true 2D"
published = dict(mpjpe=24.2, pck=98.4, auc=83.4, source="paper, table 3")
released = False
files = ()
