"""Networks of detectors that can be had by name: OpenMMLab's RTMPose and RTMO for poses, YOLOX for people."""

from __future__ import annotations

from collections.abc import Mapping

from in_the_wild.checkpoints.downloads import Download

_RTMPOSE, _RTMO = "rtmposev1/onnx_sdk/", "rtmo/onnx_sdk/"

# COCO-17, and Halpe-26 with "-halpe26"; trained on seven sets of pictures ("body7").
POSE_NETWORKS: Mapping[str, Download] = {
    "rtmpose-t": Download(f"{_RTMPOSE}rtmpose-t_simcc-body7_pt-body7_420e-256x192-026a1439_20230504.zip"),
    "rtmpose-s": Download(
        f"{_RTMPOSE}rtmpose-s_simcc-body7_pt-body7_420e-256x192-acd4a1ef_20230504.zip",
        "9aeb635b83f86aea45cf45d85798f7eba1a162de8e0d721c44e54fe5eebaf47d",
    ),
    "rtmpose-m": Download(
        f"{_RTMPOSE}rtmpose-m_simcc-body7_pt-body7_420e-256x192-e48f03d0_20230504.zip",
        "5c0a4bf67953e6d2ac43ce15e77dc9d5d354ae18430a47d2c5963a7bc5683e3c",
    ),
    "rtmpose-l": Download(
        f"{_RTMPOSE}rtmpose-l_simcc-body7_pt-body7_420e-256x192-4dba18fc_20230504.zip",
        "cff059fd58a2c0d5fabaddcd66a96abcfb327563bcb0149ea59c9de4a8990fe2",
    ),
    "rtmpose-t-halpe26": Download(
        f"{_RTMPOSE}rtmpose-t_simcc-body7_pt-body7-halpe26_700e-256x192-6020f8a6_20230605.zip"
    ),
    "rtmpose-s-halpe26": Download(
        f"{_RTMPOSE}rtmpose-s_simcc-body7_pt-body7-halpe26_700e-256x192-7f134165_20230605.zip"
    ),
    "rtmpose-m-halpe26": Download(
        f"{_RTMPOSE}rtmpose-m_simcc-body7_pt-body7-halpe26_700e-256x192-4d3e73dd_20230605.zip",
        "26f3a19e61304a600dfb82d1001d41d24343b89fc70a33ffc84657e0b0bf2ecf",
    ),
    "rtmpose-l-halpe26": Download(
        f"{_RTMPOSE}rtmpose-l_simcc-body7_pt-body7-halpe26_700e-256x192-2abb7558_20230605.zip"
    ),
    "rtmo-s": Download(
        f"{_RTMO}rtmo-s_8xb32-600e_body7-640x640-dac2bf74_20231211.zip",
        "d0703d40d19f3921da51ae725402d5fdae4d2478c7442072d3101bd396f370d8",
    ),
    "rtmo-m": Download(f"{_RTMO}rtmo-m_16xb16-600e_body7-640x640-39e78cc4_20231211.zip"),
    "rtmo-l": Download(f"{_RTMO}rtmo-l_16xb16-600e_body7-640x640-b37118ce_20231211.zip"),
}
PERSON_DETECTORS: Mapping[str, Download] = {
    "yolox-nano": Download(
        f"{_RTMPOSE}yolox_nano_8xb8-300e_humanart-40f6f0d0.zip",
        "1450966de24902b18aada1a78913d7efd8fc8dcd51bd4d0d5591476bd4a38821",
    ),
    "yolox-tiny": Download(
        f"{_RTMPOSE}yolox_tiny_8xb8-300e_humanart-6f3252f9.zip",
        "ceb11c07298f95c50d7c5abeb906d03340c85f23aa79e3e66966e7fb6c307250",
    ),
    "yolox-m": Download(
        f"{_RTMPOSE}yolox_m_8xb8-300e_humanart-c2c7a14a.zip",
        "3dea6513388889f0fff4b77bf7a26013600321b9eb9ceb0e9a400a82572f5f23",
    ),
}
