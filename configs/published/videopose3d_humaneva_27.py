# VideoPose3D on HumanEva-I, one network for Walk, Jog and Box: README, training from scratch (-b 128 -e 1000
# -lrd 0.996, -arc 3,3,3 by default). It reads the 17 keypoints of COCO (data/data_utils.py; issue 218).
_base_ = ["./_videopose3d.py"]
arguments = dict(filter_widths=(3, 3, 3), out_joints=15)
training = dict(
    input_skeleton="coco17",
    output_skeleton="humaneva15",
    fps=60.0,
    data="HumanEva-I (Walk, Jog, Box), 2D by Mask R-CNN",
    licence="not for commercial use: HumanEva is given away for research alone",
)
data = dict(
    name="humaneva",
    inputs="detectron_pt_coco",
    train=dict(actions=["Walking", "Jog", "Box"]),
    test=dict(actions=["Walking", "Jog", "Box"]),
)
batch = 128
schedule = dict(epochs=1000, decay_by=0.996)
