# P-STMO-S for detectors trained on COCO: README, in-the-wild videos, fine-tuning (-k detectron_pt_coco). It learns from
# every second frame of Human3.6M, to be used on every frame of video at 25 or 30 frames/s.
_base_ = ["./_pstmo.py"]
training = dict(input_skeleton="coco17", data="Human3.6M, 2D by Detectron (COCO)")
data = dict(inputs="detectron_pt_coco")
start_from = "runs/pstmo_s_coco_243_masked/best.pt"
