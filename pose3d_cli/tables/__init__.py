"""Errors that papers report, those that were measured here, and the program's own benchmark."""
