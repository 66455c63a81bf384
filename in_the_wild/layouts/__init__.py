"""How a film is laid out: one file per layout, see `base` for what each of them does."""
