# Which of all the motion that there is was held out, how its bones become common, and how often each pose is seen.
# Whole performers, sessions and takes; snu_basketball is left out as a whole.
hold_out_takes = [
    "cmu_16/16_4*",
    "cmu_69/69_4[0-3]",
    "cmu_69/69_7*",
    "cmu_more/131_1*",
    "cmu_more/golf*",
    "snu_basketball/*",
    "snu_everyday/tp_1_s_Take*",
    "snu_jumps/hf_jump",
    "snu_jumps/hf_10*",
    "snu_locomotion/ys_balancing*",
    "snu_locomotion/ys_box*",
    "snu_locomotion24/*low_walk",
    "snu_locomotion24/*wide_ext*",
    "snu_tennis/*N1*",
]
common_bones = True
sampling = dict(
    trust=dict(
        cmu_direct=4.0, cmu_expmap=2.0, cmu_more=2.0, cmu_retarget=0.7, cmu_69=0.7, snu_locomotion=0.7,
        snu_locomotion24=0.7,
    ),
    groups=100,
    evenness=0.6,
)  # fmt: skip
