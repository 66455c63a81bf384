# What the checkpoints of STCFormer (CVPR 2023) share. Windows take every third frame of the video; those of
# 243 frames every second one (issue 3).
model = "stcformer"
arguments = dict(frames=27, joints=17, out_joints=17, channels=256, layers=6, variant="h36m")
window = 27
training = dict(
    input_skeleton="human36m17", output_skeleton="human36m17", fps=50 / 3, normalisation="image", metres=1.0
)
licence = "none given by the authors"
url = "https://github.com/zhenhuat/STCFormer"
