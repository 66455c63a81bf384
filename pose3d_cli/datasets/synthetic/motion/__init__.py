"""Human motion that we author ourselves: keyframed joint angles, forward kinematics, feet that stay on the floor.

An action is a set of angle curves given by a few keys each. Actions are played one after the other with short cross
fades, the figure's joints follow by forward kinematics, and the figure travels because the foot that bears the weight
stays where it is: no path is authored, so feet do not slide.

Angles are in degrees, lengths in metres. World space is z up with the floor at 0; a heading of 0 looks along +y and
grows to the figure's left. Nothing here knows about pictures, cameras or files.

curves.py      an action: angle curves by channel
actions.py     the actions that there are: walk, turn, squat ...
kinematics.py  angles to joints
play.py        actions one after the other, as a figure in motion
"""
