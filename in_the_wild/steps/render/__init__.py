"""Draw poses: the 2D skeleton over the video picture, and the 3D figures on a floor grid beside it.

    overlay.draw_overlay  2D skeletons into one picture
    scene.Scene3D         a clip's 3D poses behind one fixed scale; draws one square panel per frame
    film.draw             all of it into a video file, one picture for each video frame

Limbs are orange on the person's left, blue on the right, white in the middle: a pair that colour-blind people tell
apart. Pictures are (H, W, 3) uint8 RGB. Nothing here knows about detectors or networks.
"""
