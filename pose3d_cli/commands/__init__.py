"""The commands of `pose3d`, one file per command."""
