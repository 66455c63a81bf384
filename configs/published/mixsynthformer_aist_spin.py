# AIST++ with the 3D poses of SPIN, 14 joints, on one frame in ten: configs/config_aist_spin_3D.yaml (batches of 512).
_base_ = ["./_mixsynthformer.py"]
arguments = dict(coordinates=42, channels=128, hidden=256, layers=5)
training = dict(fps=60.0, data="AIST++, 3D by SPIN", licence="CC BY 4.0 (the annotations of AIST++)")
data = dict(name="aist", inputs="spin")
batch = 512
