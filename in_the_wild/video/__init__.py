"""Video in and video out: exact times, upright pictures, whole files.

    footage.Video(path, ...)  what is read: a file, numbered pictures or an address; which part, how turned
    probe.probe(video)        what a video is, from its header and its first picture
    read.VideoReader(video)   its pictures, one in memory at a time, each with its own time
    record.at_hand(video)     what is read of an address, as a file
    write.VideoWriter(path)   H.264 MP4 that plays in browsers, with the original timing and sound, or a GIF

A picture goes from the file (container.py, seek.py, damage.py) through the time it is shown at (clock.py), what is done
to interlaced ones (interlace.py) and how it is to be shown (shape.py) to an image (develop.py, tone.py).

Decoding is PyAV's work (container.py); encoding is an ffmpeg process at the end of a pipe (encoder.py), so that it runs
beside Python. Images are (H, W, 3) uint8 RGB, turned the way a player shows them; times are seconds since the first
picture.

Nothing here knows about people, poses or drawing.
"""
