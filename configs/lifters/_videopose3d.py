# What the checkpoints of VideoPose3D (CVPR 2019) share.
model = "videopose3d"
arguments = dict(filter_widths=(3, 3, 3, 3, 3), joints=17, out_joints=17, channels=1024, causal=False)
window = 243
training = dict(input_skeleton="human36m17", output_skeleton="human36m17", fps=50.0, normalisation="image", metres=1.0)
licence = "CC BY-NC 4.0"
url = "https://github.com/facebookresearch/VideoPose3D"
