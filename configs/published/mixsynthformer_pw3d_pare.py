# 3DPW with the 3D poses of PARE: configs/config_pw3d_pare_3D.yaml. It has one frame in five and a learning rate of
# 5e-3, where the paper's table has one frame in ten for all.
_base_ = ["./mixsynthformer_pw3d_spin.py"]
arguments = dict(interval=5, segments=10)
training = dict(data="3DPW, 3D by PARE")
data = dict(inputs="pare")
schedule = dict(learning_rate=5e-3)
