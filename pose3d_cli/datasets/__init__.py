"""Sequences with 3D truth: motion capture, and clips drawn from it."""
