# MixSTE with 27 frames on MPI-INF-3DHP. The authors' code does not read this set, and nothing says how they trained:
# everything but the data is Human3.6M's. Issues 25 and 44 ask whether they trained on the set at all, unanswered.
_base_ = ["./mixste_h36m_cpn_27.py"]
training = dict(
    input_skeleton="mpi_inf_3dhp17",
    output_skeleton="mpi_inf_3dhp17",
    fps=25.0,
    data="MPI-INF-3DHP, true 2D",
    licence="not for commercial use: MPI-INF-3DHP is given away for research alone",
)
data = dict(name="mpi_inf_3dhp", inputs="gt", truth="univ_annot3")
