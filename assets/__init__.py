"""Files that come with the program: default weights, and the demo clip with its truth.

The folder is installed as `in_the_wild.assets`.
"""
