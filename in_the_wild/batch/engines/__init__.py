"""One file per engine: where clips are worked on."""
