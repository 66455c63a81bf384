"""Refiners of pose sequences, one file per choice."""
