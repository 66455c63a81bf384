# What VideoPose3D's authors train alike (github.com/facebookresearch/VideoPose3D).
#   README, training from scratch: 80 epochs; common/arguments.py: batches of 1024 frames, one of each window (-s 1),
#   dropout 0.25, learning rate 1e-3, times 0.95 every epoch, mirrored; run.py:264: Adam with AMSGrad.
#   common/generators.py: drawn with seed 1234. run.py:590: the momentum of the batch norms falls from 0.1 to 0.001
#   along an exponential.
_base_ = ["./_labelled.py"]
model = "videopose3d"
arguments = dict(_delete_=True, filter_widths=(3, 3, 3, 3, 3), channels=1024, dropout=0.25)
batch = 1024
seed = 1234
schedule = dict(bn_momentum=(0.1, 0.001))
