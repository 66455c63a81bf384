"""Weights measured on prepared data sets."""
