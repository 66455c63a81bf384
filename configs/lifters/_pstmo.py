# What the checkpoints of P-STMO (ECCV 2022) share. Its refine module and its pre-training files are no lifters.
model = "pstmo"
arguments = dict(frames=243, joints=17, out_joints=17, channels=256, hidden=512, layers=3)
window = 243
training = dict(input_skeleton="human36m17", output_skeleton="human36m17", fps=25.0, normalisation="image", metres=1.0)
released = True
licence = "MIT"
url = "https://github.com/paTRICK-swk/P-STMO"
