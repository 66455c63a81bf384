# What MixSTE's authors train alike (github.com/JinluZhang1126/MixSTE).
#   common/arguments.py:41: batches of 1024 frames, so 1024 // frames windows (run.py:339); :39 and README -s: windows
#   side by side; :43, 44: learning rate 4e-5, times 0.99 every epoch (run.py:583-585); run.py:323: AdamW, weight decay
#   0.1; run.py:231: stochastic depth 0.1; common/generators.py: drawn with seed 1234; common/arguments.py: mirrored.
#   run.py:441 hands the loss itself to backward as gradient, so that steps are scaled by it: the loss mixste_scaled.
#   common/arguments.py:40 says 120 epochs, the command atop run.py 256; the released weights may have either.
_base_ = ["./_labelled.py"]
model = "mixste"
arguments = dict(channels=512, depth=8, drop_path=0.1)
loss = "mixste_scaled"
windows = dict(rule="chunks")
batch = 4  # 1024 // 243
seed = 1234
schedule = dict(epochs=120, optimiser="adamw", amsgrad=False, learning_rate=4e-5, weight_decay=0.1, decay_by=0.99)
test = dict(rule="consecutive")
