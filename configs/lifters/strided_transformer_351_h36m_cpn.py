# StridedTransformer as released; the published error is with its refine module.
_base_ = ["./_strided_transformer.py"]
published = dict(
    mpjpe=43.7,
    p_mpjpe=35.2,
    source="STCFormer's paper, table 1",
    note="with the refine module, which uses ground truth",
)
released = True
files = ["no_refine_*.pth"]
