# The refine module behind StridedTransformer: README, --refine --lr 1e-5. It reads the true root and camera, in
# training and in use: its errors are no lifter's. As the authors do (main.py:185-189), the lifter is
# trained along with it.
_base_ = ["./_strided_transformer.py"]
task = "refine_module"
lifter = "runs/strided_transformer_h36m_cpn_351/best.pt"
schedule = dict(learning_rate=1e-5)
