from __future__ import annotations

import warnings

import numpy as np

from edge.sync.owner import Evidence, path_of


def test_before_any_sound_there_is_no_path_and_no_warning():
    """Just after a start or a reset the grid has no point."""
    nothing = np.empty((0, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        owned = path_of(3, Evidence({3: nothing}, nothing, np.zeros(0, bool)), None)
    assert owned.track == 3
    assert owned.path is None
    assert owned.fallback is not None
