# STCFormer with 81 frames on MPI-INF-3DHP, in millimetres, from consecutive frames. The README gives the command for
# the test (-b 128 -s 1): a window around every frame; run_3dhp_stc.py:296 does not divide the batch, :273: seed 1.
_base_ = ["./_stcformer.py"]
arguments = dict(frames=81, variant="3dhp")
training = dict(
    input_skeleton="mpi_inf_3dhp17",
    output_skeleton="mpi_inf_3dhp17",
    fps=25.0,
    metres=0.001,
    data="MPI-INF-3DHP, true 2D",
    licence="not for commercial use: MPI-INF-3DHP is given away for research alone",
)
data = dict(name="mpi_inf_3dhp", inputs="gt", truth="univ_annot3")
windows = dict(rule="centred", step=1, tds=1)
batch = 128
seed = 1
test = dict(tds=1)
