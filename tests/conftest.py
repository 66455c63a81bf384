"""What all tests share."""

import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parent))  # for `import references`
torch.set_num_threads(1)  # tests run beside each other; small networks gain nothing from more
