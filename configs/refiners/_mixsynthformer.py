# What the networks of MixSynthFormer's paper (ICCV 2023) share. Its authors publish no weights, so none has a file.
model = "mixsynthformer"
arguments = dict(coordinates=51, interval=10, segments=10, channels=64, hidden=128, layers=4)
window = 101
released = False
files = ()
licence = "none given by the authors"
url = "https://github.com/ireneesun/MixSynthFormer"
