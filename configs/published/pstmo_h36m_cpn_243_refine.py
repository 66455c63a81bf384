# The refine module behind P-STMO. It reads the true root and camera, in training and in use: its errors are no
# lifter's. The README does not say how it was trained. The learning rate is common/opt.py:32's lr_refine, which nothing
# reads, and what StridedTransformer's README gives for the same module. As the authors do (run.py:334-337), the lifter
# is trained along with it.
_base_ = ["./pstmo_h36m_cpn_243.py"]
task = "refine_module"
start_from = None
lifter = "runs/pstmo_h36m_cpn_243/best.pt"
schedule = dict(learning_rate=1e-5)
