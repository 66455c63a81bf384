"""Whether all that pose3d needs works on this machine: each check runs something small for real."""
