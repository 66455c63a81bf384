# What P-STMO's authors train alike (github.com/paTRICK-swk/P-STMO). Two stages: the encoder and the temporal
# transformer learn to tell hidden keypoints again (the configurations that end in _masked), then the lifter goes on
# from there.
#   common/opt.py:30 and README: batches of 160; :25: a window around every frame; :17, 18 mirrored, not reversed;
#   run.py:337: Adam with AMSGrad; README -lrd 0.97, every epoch (run.py:383); :238: seed 1.
#   common/opt.py:29 says 80 epochs, and so does the paper, but run.py:339 counts from 1 to 79.
#   common/opt.py:34: the learning rate would halve in epoch 80, which never comes.
_base_ = ["./_labelled.py"]
model = "pstmo"
arguments = dict(channels=256, hidden=512, layers=3, dropout=0.1, encoder_dropout=0.1)
loss = "pstmo"
masks = dict(_delete_=True, last_joint=False)  # their draw is one joint short (run.py:79)
training = dict(fps=25.0)
windows = dict(tds=2)
batch = 160
seed = 1
schedule = dict(epochs=79, learning_rate=7e-4, decay_by=0.97)
test = dict(tds=2)
