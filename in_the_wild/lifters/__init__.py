"""Networks that lift 2D keypoints to 3D joints, one file per published model."""
