# VideoPose3D on HumanEva-I, one network for Walk, Jog and Box. The detector's keypoints are COCO's 17 (issue 218).
_base_ = ["./_videopose3d.py"]
arguments = dict(filter_widths=(3, 3, 3), joints=17, out_joints=15)
window = 27
training = dict(input_skeleton="coco17", output_skeleton="humaneva15", fps=60.0)
data = "HumanEva-I (Walk, Jog, Box), 2D by Mask R-CNN"
published = dict(mpjpe=33.0, source="README")
released = True
files = ["pretrained_humaneva15_detectron.bin"]
