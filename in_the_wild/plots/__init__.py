"""Kinds of plots of results: adding one is adding a file."""
