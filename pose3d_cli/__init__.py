"""The `pose3d` command line: commands, configurations, datasets, metrics and training on top of `in_the_wild`."""
