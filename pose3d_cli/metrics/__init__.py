"""Errors between predicted and true joints."""
