import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")

from edge.errors import UsageError  # noqa: E402
from engines.models.face_encoder import FaceEncoder  # noqa: E402
from engines.models.student import Student, count_macs, face_example, head_example  # noqa: E402
from engines.models.window_head import WindowHead  # noqa: E402

torch.set_num_threads(1)


@pytest.fixture
def head():
    torch.manual_seed(1)
    head = WindowHead()
    torch.nn.init.normal_(head.gate.weight)  # an untrained gate would hide a missing mask
    return head.eval()


def test_shapes_and_sizes_keep_the_limits():
    student = Student.new().eval()
    assert student.face(*face_example(2)).shape == (2, 96)
    assert [output.shape for output in student.head(*head_example(2))] == [(2, 7)] * 3
    assert student.parameters() <= 600_000
    assert count_macs(student.face, face_example(1)) <= 20_000_000
    assert count_macs(student.head, head_example(1)) <= 2_500_000


def test_masked_slots_and_frames_do_not_count(head):
    embeddings, video_mask, sound, sound_mask = head_example(3)
    video_mask[:, 4:] = 0.0
    sound_mask[:, 50:] = 0.0
    before = head(embeddings, video_mask, sound, sound_mask)
    embeddings[:, 4:] = float("nan")
    sound[:, 50:] = 1e6
    after = head(embeddings, video_mask, sound, sound_mask)
    for one, other in zip(before, after, strict=True):
        assert torch.equal(one, other)


def test_unmasked_slots_and_frames_do_count(head):
    embeddings, video_mask, sound, sound_mask = head_example(3)
    before = head(embeddings, video_mask, sound, sound_mask)
    seen = head(embeddings.flip(0), video_mask, sound, sound_mask)
    heard = head(embeddings, video_mask, sound.flip(0), sound_mask)
    assert not torch.allclose(before[1][0], seen[1][0])
    assert not torch.allclose(before[2][0], heard[2][0])
    assert not torch.allclose(before[0][0], seen[0][0])
    assert not torch.allclose(before[0][0], heard[0][0])


def test_without_a_modality_the_other_one_decides_alone(head):
    embeddings, video_mask, sound, sound_mask = head_example(3)
    fused, video, _ = head(embeddings, video_mask, sound, torch.zeros_like(sound_mask))
    assert torch.equal(fused, video)
    fused, _, audio = head(embeddings, torch.zeros_like(video_mask), sound, sound_mask)
    assert torch.equal(fused, audio)


def test_with_nothing_at_all_the_answer_is_finite_and_flat(head):
    embeddings, video_mask, sound, sound_mask = head_example(2)
    outputs = head(embeddings, torch.zeros_like(video_mask), sound, torch.zeros_like(sound_mask))
    assert all(torch.isfinite(output).all() for output in outputs)
    assert torch.equal(outputs[0], torch.zeros(2, 7))


def test_loudness_of_a_recording_is_not_heard(head):
    embeddings, video_mask, sound, sound_mask = head_example(2)
    louder = sound.clone()
    louder[:, :, 0] += 40.0 * 8.0  # +40 dB in c0 of 64 orthonormal mel bands
    assert torch.allclose(head(embeddings, video_mask, sound, sound_mask)[2],
                          head(embeddings, video_mask, louder, sound_mask)[2], atol=1e-4)  # fmt: skip


def test_a_recorder_changes_nothing_but_the_colour_of_a_voice(head):
    _, _, sound, mask = head_example(2)
    mask[:, 60:] = 0.0
    other = sound.clone()
    other[:, :, :40] += torch.randn(2, 1, 40)
    one, two = head.audio.prepare(sound, mask), head.audio.prepare(other, mask)
    assert torch.allclose(one[:, :60, :80], two[:, :60, :80], atol=1e-5)
    assert not torch.allclose(one[:, :60, 80:], two[:, :60, 80:], atol=1e-2)
    assert one[:, :60, :40].mean(dim=1).abs().max() < 1e-5


def test_light_and_contrast_of_a_crop_are_not_seen():
    torch.manual_seed(1)
    encoder = FaceEncoder().eval()
    (crops,) = face_example(2)
    assert torch.allclose(encoder(crops), encoder(crops * 0.5 + 60.0), atol=1e-3)


@pytest.mark.timeout(120)
def test_the_encoder_learns_sixteen_pictures_by_heart():
    torch.manual_seed(2)
    encoder = FaceEncoder()
    encoder.dropout.p = 0.0
    pictures, labels = torch.rand(16, 1, 64, 64) * 255.0, torch.arange(16) % 7
    optimiser = torch.optim.AdamW(encoder.parameters(), 2e-3)
    for _ in range(40):
        loss = torch.nn.functional.cross_entropy(encoder.logits_pooled(pictures), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert (encoder.logits_pooled(pictures).argmax(1) == labels).float().mean() > 0.95


@pytest.mark.timeout(120)
def test_the_head_learns_sixteen_windows_by_heart():
    torch.manual_seed(2)
    head = WindowHead()
    for layer in head.modules():
        if isinstance(layer, torch.nn.Dropout):
            layer.p = 0.0
    windows, labels = head_example(16), torch.arange(16) % 7
    optimiser = torch.optim.AdamW(head.parameters(), 3e-3)
    for _ in range(80):
        loss = sum(torch.nn.functional.cross_entropy(output, labels) for output in head(*windows))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    for output in head(*windows):
        assert (output.argmax(1) == labels).float().mean() > 0.95


def test_a_checkpoint_brings_everything_back(tmp_path):
    student = Student.new().eval()
    student.temperature["video"], student.uncertain_below, student.recipe = 1.7, 0.33, {"face": {"epochs": 2}}
    student.save(tmp_path / "student.pt")
    other = Student.load(tmp_path / "student.pt")
    assert (other.temperature, other.uncertain_below, other.recipe) == (student.temperature, 0.33, student.recipe)
    for one, two in zip(student.head(*(example := head_example(2))), other.head(*example), strict=True):
        assert torch.equal(one, two)


@pytest.mark.parametrize(("content", "found"), [(None, "does not exist"), (b"no checkpoint", "is not one that")])
def test_a_file_that_is_no_checkpoint_is_told(content, found, tmp_path):
    path = tmp_path / "student.pt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=f"student.pt {found}"):
        Student.load(path)
