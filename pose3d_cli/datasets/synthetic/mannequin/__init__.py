"""A clothed mannequin, drawn from 3D joints, for video whose 3D truth is known exactly.

World space is z up with the floor at 0, in metres; the camera looks along +z with x right and y down. What is here
draws a body, its shadow and a room; it knows nothing about motion, files or detectors.

camera.py    the pinhole camera, and points to pixels
look.py      how somebody looks: colours and proportions
cones.py     round cones, which all body parts are
body.py      joints to body parts
raycast.py   body parts to pixels
shadow.py    the shadow on the floor
room.py      an empty place as a background
furniture.py boxes that stand in it, and hide who is behind them
sensor.py    what a camera makes of a picture: exposure, noise, compression
render.py    all of it: people before a background
vectors.py   what the others reckon with
"""
