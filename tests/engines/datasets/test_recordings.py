import json

import pytest

from engines.datasets.recordings import list_recordings
from engines.datasets.splits import Splits
from engines.datasets.store import Store
from tests.engines.datasets.files import touch

HEADER = {
    "schema": 1,
    "kind": "recording",
    "emotion": "happy",
    "person": "P1",
    "intensity": "strong",
    "licence": "CC0",
    "video": {"frames": 30},
    "audio": {"seconds": 1.0},
    "lag": {"audio_lag_ms": 181.0, "applied_ms": 180.0, "lock": "locked"},
}


def listed(folder, *clips, table=None, **header):
    touch(folder, *clips)
    for clip in clips if header else ():
        (folder / clip).with_suffix(".json").write_text(json.dumps(header))
    if table is not None:
        (folder / "labels.csv").write_text(table, encoding="utf-8")
    with Store(folder) as store:
        return list_recordings(store, Splits())


def test_the_header_that_record_wrote_says_it_all(tmp_path):
    (item,) = listed(tmp_path, "a.mkv", **HEADER).items
    assert (item.kind, item.emotion, item.person, item.intensity, item.licence) == (
        "film",
        "happy",
        "P1",
        "strong",
        "CC0",
    )
    assert item.audio_lag_s == 0.18


def test_a_recording_without_camera_is_a_sound(tmp_path):
    (item,) = listed(tmp_path, "a.mkv", **(HEADER | {"video": None})).items
    assert item.kind == "sound"


def test_the_table_counts_before_the_header_and_may_cut_a_clip_into_stretches(tmp_path):
    table = "file,emotion,start_s,end_s\na.mkv,sad,0,2.5\na.mkv,anger,2.5,4\n"
    items = listed(tmp_path, "a.mkv", table=table, **HEADER).items
    assert [(item.emotion, item.person, item.start_s, item.end_s) for item in items] == [
        ("sad", "P1", 0, 2.5),
        ("angry", "P1", 2.5, 4),
    ]


def test_a_folders_name_is_the_last_resort(tmp_path):
    listing = listed(tmp_path, "surprise/a.mp4", "b.mp4", table="file,person\nsurprise/a.mp4,P2\nb.mp4,P2\n")
    assert [(item.path, item.emotion) for item in listing.items] == [("surprise/a.mp4", "surprised")]
    assert listing.bad[0].reason == "No emotion is given: record with --label, or write it into labels.csv."


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (HEADER | {"emotion": None}, "No emotion is given"),
        (HEADER | {"emotion": "hapy"}, "Emotion 'hapy' is none of neutral, happy"),
        (HEADER | {"person": None}, "No person is named"),
        (HEADER | {"schema": 2}, "Its header a.json is none of schema 1"),
        ({"made_by": "another program"}, "Its header a.json is none of schema 1"),
    ],
)
def test_what_is_missing_is_said_with_the_remedy(tmp_path, header, said):
    listing = listed(tmp_path, "a.mkv", **header)
    assert not listing.items
    assert listing.bad[0].reason.startswith(said)


def test_lines_about_clips_that_are_not_there_are_named(tmp_path):
    listing = listed(tmp_path, "happy/a.mkv", table="file,person\nhappy/a.mkv,P1\nhappy/z.mkv,P1\n")
    assert [bad.file for bad in listing.bad] == ["happy/z.mkv"]


def test_a_table_without_files_is_named(tmp_path):
    listing = listed(tmp_path, "happy/a.mkv", table="clip,person\nhappy/a.mkv,P1\n")
    assert listing.bad[0].file == "labels.csv"
    assert "lacks the column file" in listing.bad[0].reason
