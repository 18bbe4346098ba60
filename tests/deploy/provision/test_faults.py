"""What stands in the way of a provision is one sentence with its remedy, and nothing is changed."""

from __future__ import annotations

import fcntl
import io
import os
import shlex
import signal
import subprocess
import time

import pytest

from deploy.provision import provision
from deploy.receipt import Receipt
from deploy.reporter import LineReporter
from tests.deploy.provision.command import deploy, environ, tree, words

pytestmark = pytest.mark.timeout(200)


def refused(done, status, *said):
    assert done.status == status
    assert done.complaint.startswith("edge-deploy: ")
    assert done.complaint.count("\n") == 1, "one sentence on one line"
    for words_of_it in said:
        assert words_of_it in done.complaint


def test_who_is_not_root_is_told_so_and_may_look(image, source):
    nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all")
    here = ("--root", "/")  # an image of ours is for us alone
    refused(deploy(image, "provision", *here, before=nobody), 1, "needs root", "sudo", "--dry-run")
    refused(deploy(image, "remove", *here, before=nobody), 1, "needs root")
    looked = deploy(image, "provision", *here, "--dry-run", before=nobody)
    assert "/opt/edge-emotion/releases/" in looked.told
    assert looked.status == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--camra", "0"], ["--camra", "--help"]),
        (["/no/such.whl"], ["/no/such.whl", "nothing to install from"]),
        (["--wheels", "/no/such"], ["/no/such", "no folder"]),
        (["--mqtt-password-file", "/no/such"], ["/no/such", "cannot be read"]),
        (["--device-id", "a/b"], ["--device-id 'a/b'", "letters"]),
        (["--device-id", "a/b", "--dry-run"], ["--device-id 'a/b'"]),
        (["--broker", "host:1883", "--dry-run"], ["--broker", "mqtt://host"]),
        (["--camera", "csi:left"], ["--camera", "csi:N"]),
        (["--root", ""], ["--root ''", "is no folder"]),
        (["--root", "/.", "--dry-run"], ["--root '/.'", "this very machine"]),
        (["--mqtt-password-file", "/dev/null"], ["/dev/null", "nothing in its first line"]),
    ],
)
def test_a_wrong_command_line(image, source, options, said):
    before = tree(image)
    given = [source, *options] if options[0].startswith("--") else options
    refused(deploy(image, "provision", *given), 64, *said)
    assert tree(image) == before


def test_a_root_that_is_no_system(image, source, tmp_path):
    done = deploy(image, "provision", source, "--root", tmp_path)
    refused(done, 1, str(tmp_path), "is no system")
    refused(deploy(image, "provision", source, "--root", tmp_path / "none"), 64, "is no folder")
    assert [path.name for path in tmp_path.iterdir()] == ["wheels"]


def test_nothing_to_remove(image):
    refused(deploy(image, "remove"), 1, "nothing to remove")


@pytest.mark.parametrize(
    "text", ['{"form": 1, "files"', '{"form": 1, "packages": 7}', '{"form": 1, "files": []}', "[]"]
)
def test_a_receipt_that_is_damaged_is_not_believed(image, source, text):
    receipt = image.path("/opt/edge-emotion/receipt.json")
    receipt.parent.mkdir()
    receipt.write_text(text)
    refused(deploy(image, "provision", source), 1, "receipt", "cannot be read")
    refused(deploy(image, "remove"), 1, "receipt", "cannot be read")


def test_one_at_a_time(image, source):
    descriptor = os.open(image.root, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        refused(deploy(image, "provision", source), 1, "Another edge-deploy is at work")
    finally:
        os.close(descriptor)


def test_who_waited_sees_what_the_one_before_has_done(image, source):
    waiting = image.site(source, install_broker=False)
    assert deploy(image, "provision", source, "--no-broker").status == 0
    assert not provision(waiting, LineReporter(io.StringIO())), "nothing is left to do"
    assert Receipt.load(image.host).names("releases")


def test_a_reader_who_leaves_early_makes_it_no_success(image, source):
    words_of_it = shlex.join(words(image, "provision", source, "--no-broker"))
    piped = ["sh", "-c", f"{{ {words_of_it}; echo $? >&2; }} | head -n 1"]
    done = subprocess.run(piped, env=environ(), cwd="/", capture_output=True, text=True, timeout=110, check=False)
    assert done.stderr.splitlines()[-1] == str(128 + signal.SIGPIPE)
    assert deploy(image, "status").status == 1


def test_stopped_on_the_way_it_goes_on_the_next_time(image, source):
    running = subprocess.Popen(
        words(image, "provision", source, "--no-broker"),
        env=environ(),
        cwd="/",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 60
    while not image.path("/opt/edge-emotion/releases").is_dir() and time.monotonic() < until:
        time.sleep(0.02)
    running.send_signal(signal.SIGTERM)
    _, complaint = running.communicate(timeout=60)
    assert running.returncode == 128 + signal.SIGTERM
    assert "the same command again goes on from here" in complaint
    assert "Traceback" not in complaint
    assert deploy(image, "status").status == 1
    assert deploy(image, "provision", source, "--no-broker").status == 0
    assert deploy(image, "status").status == 0


def test_stopped_on_the_way_it_can_be_removed(image, source):
    before = tree(image)
    deploy(image, "provision", source, "--no-broker", "--device-id", "a")
    image.path("/opt/edge-emotion/current").unlink()  # as if it had been cut before the switch
    done = deploy(image, "remove", "--purge")
    assert (done.status, done.complaint) == (0, "")
    assert tree(image) == before
