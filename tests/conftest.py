"""What all tests share."""

import hypothesis
import torch

torch.set_num_threads(1)  # tests run beside each other; small networks gain nothing from more
# Time on a shared machine says nothing about the code; the same examples every time make a failure repeatable.
hypothesis.settings.register_profile("pose3d", deadline=None, derandomize=True)
hypothesis.settings.load_profile("pose3d")
