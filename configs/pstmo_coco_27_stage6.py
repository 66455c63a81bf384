# Stage 6 of the default weights: on from stage 5, with bodies and swings closer to the sequences' own, at low rates.
_base_ = ["./pstmo_coco_27_stage5.py"]

bodies = dict(bone=0.06, hips=(1.08, 0.08), swung=0.6)
clean = 0.4

start_from = "runs/pstmo_coco_27_stage5/best.pt"
seed = 5
schedule = dict(steps=2400, learning_rate=2e-4, average_from=100, check_every=400)
