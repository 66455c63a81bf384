"""2D keypoint detectors, one file per choice."""
