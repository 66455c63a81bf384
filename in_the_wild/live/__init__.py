"""Live: from a camera to a figure, as it goes on; the newest picture wins, and nothing waits for what is to come."""
