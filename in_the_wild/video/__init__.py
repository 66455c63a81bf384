"""Video in and video out: exact times, upright pictures, whole files.

    probe.probe(path)        what a video is, from its header and its first picture
    read.VideoReader(path)   its pictures, one in memory at a time, each with its own time
    write.VideoWriter(path)  H.264 MP4 that plays in browsers, with the original timing and sound, or a GIF

Decoding is PyAV's work (container.py); encoding is an ffmpeg process at the end of a pipe (encoder.py), so that it runs
beside Python. Images are (H, W, 3) uint8 RGB, turned the way a player shows them; times are seconds since the first
picture.

Nothing here knows about people, poses or drawing.
"""
