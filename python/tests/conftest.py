"""What several tests use."""

import pathlib

import pytest

ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture(scope="session")
def examples() -> pathlib.Path:
    """The models of the repository."""
    return ROOT / "examples"
