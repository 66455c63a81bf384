# What the checkpoints of StridedTransformer (IEEE Transactions on Multimedia 2022) share.
model = "strided_transformer"
arguments = dict(frames=351, joints=17, out_joints=17, channels=256, hidden=512, layers=3)
window = 351
training = dict(input_skeleton="human36m17", output_skeleton="human36m17", fps=50.0, normalisation="image", metres=1.0)
data = "Human3.6M, 2D by CPN"
licence = "MIT"
url = "https://github.com/Vegetebird/StridedTransformer-Pose3D"
