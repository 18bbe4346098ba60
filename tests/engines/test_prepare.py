import csv
import hashlib
import json
import subprocess
import sys
import tarfile

import cv2
import numpy as np
import pytest

from edge.errors import UsageError
from engines.cli import main
from engines.datasets.catalog import CATALOG
from engines.datasets.items import films, open_manifest, pictures, sounds
from engines.datasets.manifest import read_manifest
from engines.datasets.splits import read_splits
from engines.prepare import prepare, table
from tests.clips import write_wav
from tests.engines.datasets.files import (
    RATE_HZ,
    fer2013_line,
    picture,
    touch,
    write_fer2013,
    write_film,
    write_picture,
    write_sound,
)


@pytest.fixture
def ravdess(tmp_path):
    """Three good files of three actors, four bad ones, and two that are left out."""
    folder = tmp_path / "ravdess"
    for actor in ("02", "17", "19"):
        write_sound(folder / f"Actor_{actor}" / f"03-01-03-01-01-01-{actor}.wav", 0.5)
    touch(folder, "Actor_02/03-01-04-01-01-01-02.wav", "Actor_02/03-02-04-01-01-01-02.wav", "Actor_02/notes.wav")
    write_wav(folder / "Actor_02/03-01-05-01-01-01-02.wav", np.zeros(RATE_HZ, np.float32), RATE_HZ)
    write_film(folder / "Actor_02/01-01-06-01-01-01-02.mp4")
    whole = write_film(tmp_path / "whole.mp4", seconds=3).read_bytes()
    (folder / "Actor_02/01-01-07-01-01-01-02.mp4").write_bytes(whole[: len(whole) // 2])
    touch(folder, "Actor_02/03-01-09-01-01-01-02.wav")
    return folder


def reasons(folder, data_set="ravdess"):
    with (folder / f"{data_set}.bad.csv").open(encoding="utf-8") as file:
        return {row["file"].split("/")[-1]: row["reason"] for row in csv.DictReader(file)}


def test_every_bad_file_is_named_and_the_others_are_in_the_manifest(ravdess):
    prepared = prepare("ravdess", ravdess)
    read = read_manifest(ravdess / "ravdess.manifest.csv")
    assert read.items == prepared.manifest.items
    assert {item.person: item.split for item in read.items} == {"02": "train", "17": "validation", "19": "test"}
    said = reasons(ravdess)
    assert said.keys() == {
        "03-01-04-01-01-01-02.wav",
        "03-01-05-01-01-01-02.wav",
        "01-01-07-01-01-01-02.mp4",
        "03-01-09-01-01-01-02.wav",
    }
    assert said["03-01-04-01-01-01-02.wav"] == "The file is empty."
    assert said["03-01-05-01-01-01-02.wav"] == "The sound is silent from beginning to end."
    assert "ffprobe cannot read it" in said["01-01-07-01-01-01-02.mp4"]
    assert len(list(sounds(read))) == 3
    assert len(list(films(read))) == 1


def test_the_manifest_says_what_it_was_made_from(ravdess):
    header = prepare("ravdess", ravdess).manifest.header
    files = sorted(item.path for item in read_manifest(ravdess / "ravdess.manifest.csv").items)
    sums = subprocess.run(["sha256sum", *files], cwd=ravdess, capture_output=True, check=True).stdout
    assert header.files == 4
    assert header.sha256 == hashlib.sha256(sums).hexdigest()
    assert header.dropped == {"file name of another form": 1, "song, not speech": 1}


def test_preparing_again_changes_nothing(ravdess):
    prepare("ravdess", ravdess)
    first = {path.name: path.read_bytes() for path in ravdess.glob("ravdess.*")}
    prepare("ravdess", ravdess)
    assert len(first) == 3
    assert {path.name: path.read_bytes() for path in ravdess.glob("ravdess.*")} == first


def test_a_manifest_elsewhere_still_finds_the_files(ravdess, tmp_path):
    prepared = prepare("ravdess", ravdess, tmp_path / "new" / "out")
    assert not list(ravdess.glob("*.csv"))
    assert len(list(sounds(open_manifest(prepared.path)))) == 3


def test_an_archive_with_an_unreadable_member_is_prepared_without_it(tmp_path):
    import soundfile

    noise = np.random.default_rng(1).uniform(-0.3, 0.3, RATE_HZ)
    with tarfile.open(tmp_path / "emodb.tar", "w") as tar:
        for name in ("03a01Fa.wav", "08a01Wa.wav", "09a01Ta.wav"):
            soundfile.write(tmp_path / name, noise, RATE_HZ)
            tar.add(tmp_path / name, f"emodb/{name}")
    content = (tmp_path / "emodb.tar").read_bytes()
    (tmp_path / "emodb.tar").write_bytes(content[:80_000])
    prepared = prepare("emodb", tmp_path / "emodb.tar", tmp_path / "out")
    assert [item.path for item in prepared.manifest.items] == [
        "../emodb.tar!emodb/03a01Fa.wav",
        "../emodb.tar!emodb/08a01Wa.wav",
    ]
    assert "cannot be read" in reasons(tmp_path / "out", "emodb")["09a01Ta.wav"]
    assert prepared.manifest.header.files == 1


def test_fer2013_as_a_table_and_as_folders(tmp_path):
    lines = [fer2013_line(picture(n), n % 7, "Training" if n < 12 else "PublicTest") for n in range(14)]
    write_fer2013(tmp_path / "a/fer2013.csv", [*lines, fer2013_line(np.full((48, 48), 9, np.uint8)), "9,1 2,Training"])
    assert len(prepare("fer2013", tmp_path / "a").manifest.items) == 14
    assert reasons(tmp_path / "a", "fer2013") == {
        "fer2013.csv#14": "The picture is blank: all pixels are alike.",
        "fer2013.csv#15": "Line 17: emotion '9' is none of 0 … 6.",
    }
    for n in range(3):
        write_picture(tmp_path / f"b/train/happy/{n}.png", picture(n))
    (tmp_path / "b/train/happy/1.png").write_bytes(b"no picture")
    prepared = prepare("fer2013", tmp_path / "b")
    assert [bad.file for bad in prepared.bad] == ["train/happy/1.png"]
    given = [image for _, image in pictures(open_manifest(prepared.path))]
    assert np.array_equal(given[1], picture(2))


def test_iemocap_as_the_publisher_gives_it(tmp_path):
    labels = tmp_path / "Session2/dialog/EmoEvaluation/Ses02F_impro01.txt"
    labels.parent.mkdir(parents=True)
    lines = [
        f"[{n}.0000 - {n}.5000]\tSes02F_impro01_F00{n}\t{code}\t[2.5, 2.5, 2.5]"
        for n, code in enumerate(("exc", "fru", "ang"))
    ]
    labels.write_text("\n".join(lines) + "\n")
    for n in (0, 1):
        write_sound(tmp_path / f"Session2/sentences/wav/Ses02F_impro01/Ses02F_impro01_F00{n}.wav")
    write_film(tmp_path / "Session2/dialog/avi/DivX/Ses02F_impro01.avi", seconds=1.2)
    prepared = prepare("iemocap", tmp_path)
    assert [(item.kind, item.emotion, item.split) for item in prepared.manifest.items] == [
        ("sound", "happy", "fold2"),
        ("film", "happy", "fold2"),
    ]
    assert prepared.manifest.header.dropped == {"frustration is none of the seven emotions": 1}
    assert "The film ends at" in prepared.bad[0].reason


def test_recordings_keep_their_lag(tmp_path):
    write_film(tmp_path / "a.mkv")
    said = {"schema": 1, "kind": "recording", "emotion": "sad", "person": "P1", "lag": {"applied_ms": 120.0}}
    (tmp_path / "a.json").write_text(json.dumps(said))
    (item,) = prepare("recordings", tmp_path).manifest.items
    assert (item.audio_lag_s, item.emotion) == (0.12, "sad")
    assert item.audio_delay_s == pytest.approx(0, abs=0.002)


def test_a_users_split_is_kept(ravdess, tmp_path):
    people = tmp_path / "people.csv"
    people.write_text("person,split\n02,test\n17,train\n19,train\n")
    prepared = prepare("ravdess", ravdess, splits=read_splits(people))
    assert prepared.manifest.people == {"test": {"02"}, "train": {"17", "19"}}
    assert "Nobody is in validation: --splits FILE says who should be." in table(prepared)


def test_the_table_counts_by_split_and_emotion(ravdess):
    lines = table(prepare("ravdess", ravdess)).splitlines()
    assert lines[0].split() == ["neutral", "happy", "sad", "angry", "fearful", "disgust", "surprised", "all", "people"]
    assert lines[1].split() == ["train", "0", "1", "0", "0", "1", "0", "0", "2", "1"]
    assert any(line.startswith("Bad: Actor_02/03-01-05-01-01-01-02.wav: The sound is silent") for line in lines)
    assert lines[-1].endswith("; 4 bad.")


def test_what_is_missing_from_a_folder_is_said(tmp_path):
    with pytest.raises(UsageError, match=r"holds nothing of emodb: it should hold wav/03a01Fa.wav"):
        prepare("emodb", tmp_path)
    with pytest.raises(UsageError, match="Data set 'ravdes' is unknown"):
        prepare("ravdes", tmp_path)
    with pytest.raises(UsageError, match="does not exist"):
        prepare("emodb", tmp_path / "nowhere")


def test_the_command_ends_with_0_when_something_is_usable_and_prints_json(ravdess, capsys):
    assert main(["prepare", "ravdess", str(ravdess), "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["items"], summary["kinds"], len(summary["bad"])) == (4, {"film": 1, "sound": 3}, 4)
    assert summary["people"] == {"train": 1, "validation": 1, "test": 1}
    assert summary["films_without_face"] == 1


def test_the_command_ends_with_1_when_nothing_is_usable(tmp_path, capsys):
    touch(tmp_path, "03a01Fa.wav")
    assert main(["prepare", "emodb", str(tmp_path)]) == 1
    assert "Bad: 03a01Fa.wav: The file is empty." in capsys.readouterr().out
    assert not (tmp_path / "emodb.manifest.csv").exists()


def test_the_command_ends_with_64_for_what_cannot_be(tmp_path, capsys):
    assert main(["prepare", "emodb", str(tmp_path / "nowhere")]) == 64
    assert "does not exist" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stopped:
        main(["prepare"])
    assert stopped.value.code == 64


def test_the_help_names_every_data_set(capsys):
    with pytest.raises(SystemExit):
        main(["prepare", "--help"])
    said = capsys.readouterr().out
    assert all(name in said for name in CATALOG)


def test_preparing_needs_no_torch(ravdess):
    code = (
        "import sys; sys.modules['torch'] = None\n"
        f"from engines.cli import main; sys.exit(main(['prepare', 'ravdess', {str(ravdess)!r}, '--json']))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60).returncode == 0


def test_an_odd_picture_size_is_no_reason_to_refuse(tmp_path):
    assert cv2.imwrite(str(write_picture(tmp_path / "test/sad/1.jpg", picture(1, 224))), picture(1, 224))
    assert len(prepare("fer2013", tmp_path).manifest.items) == 1
