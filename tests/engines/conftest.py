from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def few_draws():
    """Sixteen samples need no thousands of draws: statistics, judgements and calibration make do with fewer."""
    pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engines.sound_statistics._SAMPLE", 200)
        patch.setattr("engines.distil_head._JUDGED_PAIRS", 70)
        patch.setattr("engines.distil_window._CALIBRATION_PAIRS", 210)
        patch.setattr("engines.teacher_joint._MOST_JUDGED", 140)
        yield
