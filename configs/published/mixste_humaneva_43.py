# MixSTE with 43 frames on HumanEva-I. Their published network was tuned on from Human3.6M's, they do not say how (17
# joints become 15), so this one starts from nothing; the rest is Human3.6M's. It reads as many keypoints as it gives
# joints (run.py, eval_data_prepare), so the true ones: detected ones are COCO's 17. The 15 weights of the authors' loss
# are in the order of other joints (run.py:404); here each joint has the weight of its name.
_base_ = ["./_mixste.py"]
arguments = dict(frames=43, joints=15, out_joints=15)
training = dict(
    input_skeleton="humaneva15",
    output_skeleton="humaneva15",
    fps=60.0,
    data="HumanEva-I (Walk, Jog, Box), true 2D",
    licence="not for commercial use: HumanEva is given away for research alone",
)
data = dict(
    name="humaneva",
    inputs="gt",
    train=dict(actions=["Walking", "Jog", "Box"]),
    test=dict(actions=["Walking", "Jog", "Box"]),
)
batch = 23  # 1024 // 43
