# P-STMO-S for keypoints of detectors trained on COCO.
_base_ = ["./_pstmo.py"]
training = dict(input_skeleton="coco17")
data = "Human3.6M, 2D by Detectron (COCO)"
published = dict(mpjpe=51.4, parameters=6.2, source="file name; issue 7")
files = ["PSTMOS_no_refine_48_5137_in_the_wild.pth"]
