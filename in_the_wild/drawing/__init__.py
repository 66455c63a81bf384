"""Draw poses: 2D skeletons over a picture, and 3D figures on a floor.

    overlay.draw_overlay  2D skeletons into one picture
    scene.Scene3D         a clip's 3D poses behind one fixed scale; draws one panel per frame

Pictures are (H, W, 3) uint8 RGB. Nothing here knows about detectors, networks, or what a film is made of.
"""
