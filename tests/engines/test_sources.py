import pytest

from edge.errors import UsageError
from engines.archives import Sources
from tests.engines.datasets.files import touch


def test_a_manifest_stands_for_its_archive(tmp_path):
    touch(tmp_path, "ravdess_speech_dev.tar", "emodb_speech_dev.tar", "ravdess.manifest.csv", "cremad.manifest.csv")
    sources = Sources.inside(tmp_path)
    assert [path.name for path in sources.speech] == ["emodb_speech_dev.tar"]
    assert [path.name for path in sources.all] == [
        "emodb_speech_dev.tar",
        "cremad.manifest.csv",
        "ravdess.manifest.csv",
    ]


def test_archives_alone_will_do(tmp_path):
    touch(tmp_path, "fer2013_train_public.zip", "nemo_speech_dev.tar", "av_dev.zip")
    sources = Sources.inside(tmp_path)
    assert sources.fer2013 == tmp_path / "fer2013_train_public.zip"
    assert sources.av == tmp_path / "av_dev.zip"
    assert len(sources.all) == 3


def test_an_empty_folder_is_said(tmp_path):
    with pytest.raises(UsageError, match="holds neither archives nor"):
        Sources.inside(tmp_path)
