"""Programs of the system that some tests need."""

import shutil

import pytest


def find_program(name: str) -> str:
    """Return the path of a program. Where it is not installed the test is skipped, and in CI it fails."""
    return (
        shutil.which(name)
        or shutil.which(name, path="/usr/sbin")
        or pytest.skip(f"no {name} on this machine; .ci/run installs it")
    )
