# 3DPW with the 3D poses of EFT on one frame in ten: configs/config_pw3d_eft_3D.yaml.
_base_ = ["./mixsynthformer_pw3d_spin.py"]
training = dict(data="3DPW, 3D by EFT")
data = dict(inputs="eft")
