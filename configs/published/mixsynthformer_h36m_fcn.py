# Human3.6M with the 3D poses of FCN on one frame in ten: configs/config_h36m_fcn_3D.yaml.
_base_ = ["./_mixsynthformer.py"]
training = dict(
    space="camera",
    skeleton="human36m17",
    fps=50.0,
    data="Human3.6M, 3D by FCN",
    licence="not for commercial use: Human3.6M is given away for academic use alone",
)
data = dict(name="human36m_fcn", inputs="fcn")
