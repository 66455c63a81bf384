# Every key of a training run on a prepared data set, at values that leave out what only some authors do. They all train
# in float32, look at the test set after every epoch and keep what is best there.
task = "lift"
model = ""
arguments = dict(frames=243)
loss = "mpjpe"
training = dict(
    input_skeleton="human36m17",
    output_skeleton="human36m17",
    fps=50.0,
    normalisation="image",
    metres=1.0,
    data="Human3.6M, 2D by CPN",
    licence="not for commercial use: Human3.6M is given away for academic use alone",
)
data = dict(
    name="human36m",
    inputs="cpn_ft_h36m_dbb",
    truth="",
    train=dict(split="train"),
    test=dict(split="test"),
)
windows = dict(rule="centred", step=1, tds=1, flip=True, reverse=False)
masks = None
start_from = None
start_parts = None
lifter = None
freeze = False
batch = 256
seed = 1
schedule = dict(
    epochs=80,
    optimiser="adam",
    amsgrad=True,
    learning_rate=1e-3,
    warmup=0,
    weight_decay=0.0,
    clip=0.0,
    decay="exponential",
    decay_by=0.95,
    decay_every=1,
    drop_by=1.0,
    drop_every=0,
    average=0.0,
    average_from=0,
    accumulate=1,
    precision="float32",
    bn_momentum=None,
    patience=0,
    check_every=1,
    save_every=0.1,
)
test = dict(rule="centred", tds=1, flip=True, every=1)
