"""The one form that every data set is brought to, memory-mapped, and the windows that are cut from it."""
