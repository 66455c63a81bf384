"""Motion capture: packs of 3D joints, and the CMU database's own files that give the same."""
