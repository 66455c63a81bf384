"""What people in 3D do, in numbers: joint angles, speeds and heights of joints, steps, jumps, repetitions."""
