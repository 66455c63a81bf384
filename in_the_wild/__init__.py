"""Video in, 3D human poses out: the library under the `pose3d` command.

It needs no labels and never talks to the terminal; datasets, training and commands are in `pose3d_cli`.
"""

__version__ = "0.1.0"
