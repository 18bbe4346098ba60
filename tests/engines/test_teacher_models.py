import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")

from edge.errors import UsageError  # noqa: E402
from engines.models.audio import Audio  # noqa: E402
from engines.models.fusion import SIZE, Fusion  # noqa: E402
from engines.models.sequence import MaskedLstm  # noqa: E402
from engines.models.teacher import Teacher, load_teacher  # noqa: E402
from engines.models.visual import ResNet34, Visual  # noqa: E402

torch.set_num_threads(1)
SIDE = 32


def torchvision_names():
    """The keys of torchvision's resnet34 as its documentation and weights have them."""
    norm = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    names = ["conv1.weight", *(f"bn1.{part}" for part in norm), "fc.weight", "fc.bias"]
    for layer, blocks in enumerate((3, 4, 6, 3), 1):
        for block in range(blocks):
            prefix = f"layer{layer}.{block}"
            for number in (1, 2):
                names += [f"{prefix}.conv{number}.weight", *(f"{prefix}.bn{number}.{part}" for part in norm)]
            if layer > 1 and block == 0:
                names += [f"{prefix}.downsample.0.weight", *(f"{prefix}.downsample.1.{part}" for part in norm)]
    return names


@pytest.fixture(scope="module")
def teacher():
    torch.manual_seed(1)
    return Teacher().eval()


@pytest.fixture
def inputs():
    torch.manual_seed(2)
    frames, sound = torch.rand(3, 4, SIDE, SIDE) * 255.0, torch.randn(3, 100, 120)
    return [frames, torch.ones(3, 4), sound, torch.ones(3, 100)]


def differs(one, other):
    return not torch.allclose(one, other, atol=1e-5)


def test_the_state_dict_has_torchvision_s_names_and_size():
    network = ResNet34(classes=1000)
    assert sorted(network.state_dict()) == sorted(torchvision_names())
    assert sum(weight.numel() for weight in network.parameters()) == 21_797_672
    assert network.state_dict()["conv1.weight"].shape == (64, 3, 7, 7)
    assert network.state_dict()["layer2.0.downsample.0.weight"].shape == (128, 64, 1, 1)


def test_imagenet_weights_load_but_for_the_last_layer(tmp_path):
    torch.manual_seed(4)
    given, network = ResNet34(classes=1000), ResNet34()
    torch.save(given.state_dict(), tmp_path / "resnet34.pth")
    last = network.fc.weight.clone()
    network.load_imagenet(tmp_path / "resnet34.pth")
    assert torch.equal(network.layer4[2].conv2.weight, given.layer4[2].conv2.weight)
    assert torch.equal(network.conv1.weight, given.conv1.weight)
    assert torch.equal(network.fc.weight, last)


@pytest.mark.parametrize("content", [b"nothing", None, {"conv1.weight": 1}, [1, 2]])
def test_weights_of_another_network_are_refused(content, tmp_path):
    path = tmp_path / "other.pth"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        torch.save(content, path)
    with pytest.raises(UsageError, match=r"other\.pth"):
        ResNet34().load_imagenet(path)


def test_light_and_contrast_of_a_picture_are_not_seen():
    torch.manual_seed(1)
    network = ResNet34().eval()
    pictures = torch.rand(2, SIDE, SIDE) * 200.0 + 20.0
    assert torch.allclose(network(pictures), network(pictures * 0.5 + 60.0), atol=1e-2)


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("step", [0, 1, 2, 3])
def test_every_frame_counts_even_in_a_batch_of_one(teacher, inputs, batch, step):
    """Without batch_first an LSTM takes the batch for time: at a batch of one it sees the last frame alone."""
    frames, mask = inputs[0][:batch], inputs[1][:batch]
    before, _ = teacher.see(frames, mask)
    frames[0, step] = frames[0, step].flip(0)
    after, _ = teacher.see(frames, mask)
    assert differs(before[0], after[0])
    assert torch.allclose(before[1:], after[1:], atol=1e-5)


@pytest.mark.parametrize("step", [0, 50, 99])
def test_every_moment_of_sound_counts_even_in_a_batch_of_one(teacher, inputs, step):
    sound, mask = inputs[2][:1], inputs[3][:1]
    before = teacher.hear(sound, mask)
    sound[0, step] += 3.0
    assert differs(before, teacher.hear(sound, mask))


def test_a_row_does_not_depend_on_the_others_in_its_batch(teacher, inputs):
    together = teacher(*inputs)
    for row in range(3):
        alone = teacher(*(part[row : row + 1] for part in inputs))
        for one, other in zip(together[:3], alone[:3], strict=True):
            assert torch.allclose(one[row], other[0], atol=1e-4)


def test_masked_frames_and_sound_may_hold_anything(teacher, inputs):
    inputs[1][:, 2] = 0.0
    inputs[3][:, 60:] = 0.0
    before = teacher(*inputs)
    inputs[0][:, 2] = float("nan")
    inputs[2][:, 60:] = float("nan")
    after = teacher(*inputs)
    for one, other in zip(before, after, strict=True):
        assert torch.equal(one, other)


def test_masked_steps_do_not_even_pass_time():
    torch.manual_seed(3)
    lstm = MaskedLstm(5, 4).eval()
    steps, mask = torch.randn(1, 6, 5), torch.tensor([[1.0, 0.0, 1.0, 1.0, 0.0, 0.0]])
    short = lstm(steps[:, [0, 2, 3]], torch.ones(1, 3))
    assert torch.allclose(lstm(steps, mask), short, atol=1e-6)
    assert torch.equal(lstm(steps, torch.zeros(1, 6)), torch.zeros(1, 8))


def test_the_order_of_frames_counts():
    torch.manual_seed(3)
    lstm = MaskedLstm(5, 4).eval()
    steps = torch.randn(1, 6, 5)
    assert differs(lstm(steps, torch.ones(1, 6)), lstm(steps[:, [1, 0, 2, 3, 5, 4]], torch.ones(1, 6)))


def test_without_a_stream_the_other_one_decides(teacher, inputs):
    frames, video_mask, sound, sound_mask = inputs
    both = teacher(*inputs).fused
    deaf = teacher(frames, video_mask, sound, torch.zeros_like(sound_mask)).fused
    blind = teacher(frames, torch.zeros_like(video_mask), sound, sound_mask).fused
    assert differs(both, deaf)
    assert differs(both, blind)
    other = teacher(frames, video_mask, sound.flip(0), torch.zeros_like(sound_mask)).fused
    assert torch.equal(deaf, other)
    other = teacher(frames.flip(0), torch.zeros_like(video_mask), sound, sound_mask).fused
    assert torch.equal(blind, other)


def test_one_missing_stream_does_not_touch_the_rows_that_have_both(teacher, inputs):
    both = teacher(*inputs)
    inputs[1][0], inputs[3][1] = 0.0, 0.0
    some = teacher(*inputs)
    assert torch.allclose(both.fused[2], some.fused[2], atol=1e-5)
    assert differs(both.fused[0], some.fused[0])
    assert differs(both.fused[1], some.fused[1])


@pytest.mark.parametrize("training", [False, True])
def test_with_nothing_at_all_the_answer_is_finite(inputs, training):
    torch.manual_seed(1)
    teacher = Teacher().train(training)
    frames, video_mask, sound, sound_mask = inputs
    answer = teacher(frames, torch.zeros_like(video_mask), sound, torch.zeros_like(sound_mask))
    assert all(torch.isfinite(part).all() for part in answer)
    assert answer.frames.shape == (0, 7)


def test_both_streams_and_all_parts_learn(inputs):
    torch.manual_seed(1)
    teacher = Teacher()
    sum(part.square().sum() for part in teacher(*inputs)).backward()
    assert [name for name, weight in teacher.named_parameters() if weight.grad is None] == []


def test_sizes_are_those_of_the_design():
    assert Visual().lstm.lstm.input_size == 512
    assert Visual().lstm.lstm.hidden_size == 256
    assert Audio().conv.weight.shape[:2] == (64, 120)
    assert Audio().lstm.lstm.input_size == 64
    assert Audio().lstm.lstm.hidden_size == 128
    fusion = Fusion(512, 256)
    assert (SIZE, fusion.attention.num_heads) == (256, 4)
    for lstm in (Visual().lstm.lstm, Audio().lstm.lstm):
        assert lstm.batch_first
        assert lstm.bidirectional


def test_loudness_of_a_recording_is_not_heard(teacher, inputs):
    louder = inputs[2].clone()
    louder[:, :, 0] += 320.0
    assert torch.allclose(teacher.hear(inputs[2], inputs[3]), teacher.hear(louder, inputs[3]), atol=1e-3)


def test_a_teacher_comes_back_from_its_file(teacher, inputs, tmp_path):
    teacher.save(tmp_path / "teacher.pt", 48)
    other, side = load_teacher(tmp_path / "teacher.pt")
    assert side == 48
    assert torch.equal(other(*inputs).fused, teacher(*inputs).fused)


def test_a_missing_or_foreign_teacher_is_named(tmp_path):
    with pytest.raises(UsageError, match="edge-engines train"):
        load_teacher(tmp_path / "teacher.pt")
    torch.save({"weights": {}, "side": 3}, tmp_path / "teacher.pt")
    with pytest.raises(UsageError, match="--fresh"):
        load_teacher(tmp_path / "teacher.pt")
