# VideoPose3D for keypoints of detectors trained on COCO; its error is not published. The older d-pt-243.bin,
# which reads a score along with x and y, is another network.
_base_ = ["./_videopose3d.py"]
training = dict(input_skeleton="coco17")
data = "Human3.6M, 2D by Detectron (COCO)"
published = dict(note="its error on Human3.6M is not published")
released = True
files = ["pretrained_h36m_detectron_coco.bin"]
