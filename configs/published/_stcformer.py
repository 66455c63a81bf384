# What STCFormer's authors train alike (github.com/zhenhuat/STCFormer).
#   README: -b 128 -s 3: batches of 128 // 3 windows (run_stc.py:156), one for every third frame, which ends there
#   (common/generator_tds.py); common/opt.py:58: of every third frame of the video; :18: mirrored, not reversed;
#   run_stc.py:191: Adam with AMSGrad; common/opt.py:32, 37: learning rate 1e-3, times 0.96 every epoch; run_stc.py:139:
#   seed 42. The loss is the MPJPE of the whole window (run_stc.py:89).
#   common/opt.py:30 says 80 epochs and run_stc.py:193 counts from 1 to 79; the paper says 20, and the released weights
#   are those of epochs 6 and 8, by their names.
_base_ = ["./_labelled.py"]
model = "stcformer"
arguments = dict(frames=27, channels=256, layers=6, variant="h36m", drop_path=0.5)
training = dict(fps=50 / 3)
windows = dict(rule="trailing", step=3, tds=3)
batch = 42
seed = 42
schedule = dict(epochs=79, decay_by=0.96)
test = dict(tds=3)
