"""`doctor --fix` as a user has it: said before it is done, and never without being asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge.doctor import Machine
from edge.doctor.fix import Fix, applied, fixes
from edge.doctor.plans import PlansCheck
from edge.doctor.secrets import SecretsCheck
from edge.doctor.state_folder import StateFolderCheck
from edge.errors import EdgeError

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def env(tmp_path):
    """A machine with a secret that everybody can read, and engines that everybody can write."""
    secret, engines = tmp_path / "password", tmp_path / "state" / "engines"
    secret.write_text("hush\n")
    secret.chmod(0o644)
    engines.mkdir(parents=True)
    engines.chmod(0o777)
    (tmp_path / "state").chmod(0o500)
    given = {name: value for name, value in os.environ.items() if not name.startswith("EDGE_EMOTION_")}
    ours = {"CONFIG": os.devnull, "CAMERA": "none", "BROKER": "none", "MQTT__PASSWORD_FILE": str(secret)}
    return (
        given
        | {f"EDGE_EMOTION_{key}": value for key, value in ours.items()}
        | {"STATE_DIRECTORY": str(tmp_path / "state")}
    )


def doctor(env, *words):
    command = [sys.executable, "-m", "edge.cli", "doctor", "--json", "--no-devices", *words]
    return subprocess.run(command, cwd=REPOSITORY, env=env, capture_output=True, text=True, timeout=90, check=False)


def modes(folder):
    return [
        oct(path.stat().st_mode & 0o777) for path in (folder / "password", folder / "state", folder / "state/engines")
    ]


def test_nothing_is_mended_unless_asked_and_then_all_of_it(env, tmp_path):
    before = json.loads(doctor(env).stdout)["checks"]
    assert before["secrets"]["verdict"] == "warning"
    assert modes(tmp_path) == ["0o644", "0o500", "0o777"]

    done = doctor(env, "--fix")
    said = done.stderr.splitlines()
    for words in (
        f"let its owner write into {tmp_path}/state (mode 0700)",
        f"let nobody but its owner write into {tmp_path}/state/engines (mode 0755)",
        f"take the rights of everybody from {tmp_path}/password",
    ):
        assert said.index(f"going to {words} …") < said.index(f"done: {words}")
    assert modes(tmp_path) == ["0o640", "0o700", "0o755"]
    after = json.loads(done.stdout)["checks"]
    assert list(after) == list(before)
    assert after["secrets"]["verdict"] == "ok"
    assert after["state folder"]["verdict"] == "ok"
    assert list(fixes([SecretsCheck(), StateFolderCheck(), PlansCheck()], Machine(environ=env))) == []


def test_a_folder_that_is_missing_is_made_for_its_user_alone(machine, tmp_path):
    fix = StateFolderCheck().fix(machine())
    assert fix.words == f"make the folder {tmp_path}/state"
    assert applied(fix).startswith("done")
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700
    assert StateFolderCheck().fix(machine()) is None


def test_another_users_folder_is_left_alone(machine, tmp_path):
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder to somebody else")
    (tmp_path / "state" / "engines").mkdir(parents=True)
    for folder in (tmp_path / "state", tmp_path / "state" / "engines"):
        folder.chmod(0o577)
        os.chown(folder, 65534, 65534)
    assert StateFolderCheck().fix(machine()) is None
    assert PlansCheck().fix(machine()) is None


def test_rights_are_taken_through_no_link(machine, tmp_path):
    theirs, own = tmp_path / "theirs", tmp_path / "own"
    theirs.mkdir()
    (theirs / "passwd").write_text("root:x:0:0")
    own.write_text("key")
    for file in (theirs / "passwd", own):
        file.chmod(0o644)
    (tmp_path / "folder").symlink_to(theirs)
    (tmp_path / "file").symlink_to(theirs / "passwd")
    for link in (tmp_path / "folder" / "passwd", tmp_path / "file"):
        own.chmod(0o644)
        fix = SecretsCheck().fix(
            machine(mqtt={"password_file": str(link), "cert_file": str(own), "key_file": str(own)})
        )
        assert "leads through a link" in applied(fix)
        assert (theirs / "passwd").stat().st_mode & 0o777 == 0o644
        assert own.stat().st_mode & 0o777 == 0o640


def test_what_cannot_be_done_is_said_and_the_rest_goes_on(machine):
    def fails(error):
        def apply():
            raise error

        return apply

    class Offers:
        name = "offers"
        uses_packages = False

        def __init__(self, fix):
            self.fix = lambda machine: fix

    class Breaks(Offers):
        def __init__(self):
            def fix(machine):
                raise OSError("gone")

            self.fix = fix

    done = []
    offers = [
        Offers(Fix("mend a", fails(PermissionError(1, "Operation not permitted")))),
        Breaks(),
        Offers(Fix("mend b", fails(EdgeError("b is beyond repair.")))),
        Offers(None),
        Offers(Fix("mend c", lambda: done.append("c"))),
    ]
    assert [applied(fix) for fix in fixes(offers, machine())] == [
        "not done: mend a (Operation not permitted): try again with sudo",
        "not done: mend b: b is beyond repair.",
        "done: mend c",
    ]
    assert done == ["c"]
