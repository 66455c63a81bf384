"""The steps from video to motion, one verb each; `in_the_wild.pipeline` puts them in order."""
