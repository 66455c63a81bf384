"""File formats for poses, one file per suffix."""
