# STCFormer, stage 3: on from stage 2.
_base_ = ["./stcformer_coco_27_stage2.py"]

start_from = "runs/stcformer_coco_27_stage2/best.pt"
seed = 17
schedule = dict(steps=1500, check_every=500)
