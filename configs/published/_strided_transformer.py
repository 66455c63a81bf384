# What StridedTransformer's authors train alike (github.com/Vegetebird/StridedTransformer-Pose3D).
#   common/opt.py:30: batches of 256; :25: a window around every frame; :17, 18: mirrored, not reversed; main.py:125:
#   seed 1; :189: Adam with AMSGrad; common/opt.py:31-36: learning rate 1e-3, times 0.95 every epoch, but times 0.5
#   every fifth one (main.py:215-222).
#   common/opt.py:29 says 21 epochs, of which main.py:191 counts 20, as many as the paper has.
#   model/strided_transformer.py:15: a dropout of 0.25 behind the frame encoder.
_base_ = ["./_labelled.py"]
model = "strided_transformer"
arguments = dict(frames=351, channels=256, hidden=512, layers=3, dropout=0.1, encoder_dropout=0.25)
loss = "pstmo"
schedule = dict(epochs=20, drop_by=0.5, drop_every=5)
