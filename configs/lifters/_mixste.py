# What the checkpoints of MixSTE (CVPR 2022) share. Their folder holds the one of 243 frames of CPN;
# what else, they do not say.
model = "mixste"
arguments = dict(frames=243, joints=17, out_joints=17, channels=512, depth=8)
window = 243
training = dict(input_skeleton="human36m17", output_skeleton="human36m17", fps=50.0, normalisation="image", metres=1.0)
files = ()
licence = "none given by the authors"
url = "https://github.com/JinluZhang1126/MixSTE"
