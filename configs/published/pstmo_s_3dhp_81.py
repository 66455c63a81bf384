# P-STMO-S on MPI-INF-3DHP, in millimetres, from consecutive frames (common/generator_3dhp.py leaves none out): README,
# MPI-INF-3DHP, fine-tuning. 11 of its 16 training sequences have 25 frames/s, 5 have 50.
_base_ = ["./_pstmo.py"]
arguments = dict(frames=81)
training = dict(
    input_skeleton="mpi_inf_3dhp17",
    output_skeleton="mpi_inf_3dhp17",
    metres=0.001,
    data="MPI-INF-3DHP, true 2D",
    licence="not for commercial use: MPI-INF-3DHP is given away for research alone",
)
data = dict(name="mpi_inf_3dhp", inputs="gt", truth="univ_annot3")
windows = dict(tds=1)
start_from = "runs/pstmo_s_3dhp_81_masked/best.pt"
test = dict(tds=1)
