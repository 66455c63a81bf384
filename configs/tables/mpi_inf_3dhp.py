# MPI-INF-3DHP, test sequences TS1 to TS6: PCK at 150 mm and AUC in percent over 14 joints, MPJPE over 17.
title = "MPI-INF-3DHP, true 2D: PCK and AUC in %, errors in mm"
data = "mpi_inf_3dhp"
inputs = "gt"
truth = "univ_annot3"
complete = dict(sequences=6)
metrics = ["pck", "auc", "mpjpe"]
cited = dict(source="STCFormer's paper, table 3", status="cited")
rows = [
    dict(cited, method="PoseFormer", frames=9, pck=88.6, auc=56.4, mpjpe=77.1, source="P-STMO's paper, table 2"),
    dict(method="MHFormer", frames=9, pck=93.8, auc=63.3, mpjpe=58.0, **cited),
    dict(method="Einfalt et al.", frames=81, pck=95.4, auc=67.6, mpjpe=46.9, **cited),
    dict(method="MixSTE", frames=27, config="mixste_3dhp_27", pck=94.4, auc=66.5, mpjpe=54.9, **cited),
    dict(method="P-STMO-S", record="pstmo_s_81_3dhp", config="pstmo_s_3dhp_81", status="authors"),
    dict(method="STCFormer", record="stcformer_9_3dhp", config="stcformer_3dhp_9", status="authors"),
    dict(method="STCFormer", record="stcformer_27_3dhp", config="stcformer_3dhp_27", status="authors"),
    dict(method="STCFormer", record="stcformer_81_3dhp", config="stcformer_3dhp_81", status="authors"),
]
del cited
notes = [
    "P-STMO and STCFormer train and test on the truth univ_annot3. MixSTE's authors do not say on which, nor whether "
    "they trained on this set at all (issues 25 and 44).",
]
