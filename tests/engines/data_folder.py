"""Where the data archives lie, for tests that need them; they are skipped, by name, where there are none."""

import pytest

from engines.archives import default_folder

DATA = default_folder()


def archive(name):
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is not in {DATA.name}/ (EDGE_EMOTION_DATA)")
    return path
