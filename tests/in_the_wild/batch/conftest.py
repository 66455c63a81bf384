"""Clips and networks for tests of batches."""

from __future__ import annotations

from pathlib import Path

import batches
import pytest

from in_the_wild.batch.recipe import Recipe


@pytest.fixture(scope="session")
def waving(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of four short clips."""
    return batches.make_clips(tmp_path_factory.mktemp("clips"))


@pytest.fixture
def recipe(tiny: Path) -> Recipe:
    """The smallest networks that there are."""
    return batches.quick(tiny)
