"""Data sets as they are given away, one file each: read into labelled sequences."""
