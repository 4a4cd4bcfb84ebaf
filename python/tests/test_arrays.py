"""Arrays of any package, layout and type give the scores of the same frames in uint8."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import ganrm
from ganrm._arrays import as_bytes
from ganrm._layout import layout_of

from conftest import HEIGHT, RATE, WIDTH, Tiny, decoded, ffmpeg


@pytest.fixture(scope="module")
def frames(tiny: Tiny) -> npt.NDArray[np.uint8]:
    """`[time, height, width, 3]`."""
    return decoded(tiny.clips[0])


@pytest.fixture(scope="module")
def logit(tiny: Tiny) -> float:
    """Of the command."""
    return tiny.rows(tiny.clips[0])[0]["logit"]


class Lent:
    """An array of a package that is known by its DLPack alone."""

    def __init__(self, array: npt.NDArray[Any]) -> None:
        self._array = array
        self.dtype = array.dtype

    def __dlpack__(self, **arguments: Any) -> Any:
        return self._array.__dlpack__(**arguments)

    def __dlpack_device__(self) -> Any:
        return self._array.__dlpack_device__()


@pytest.mark.parametrize(
    ("layout", "axes"),
    [
        ("THWC", (0, 1, 2, 3)),
        ("TCHW", (0, 3, 1, 2)),
        ("CTHW", (3, 0, 1, 2)),
        ("BTHWC", (0, 1, 2, 3)),
        ("BTCHW", (0, 3, 1, 2)),
        ("BCTHW", (3, 0, 1, 2)),
    ],
)
def test_layouts_give_the_score_of_the_file(
    model: ganrm.Model, frames: npt.NDArray[np.uint8], logit: float, layout: str, axes: tuple
) -> None:
    view = frames.transpose(axes)
    copy = np.ascontiguousarray(view)
    for array in view, copy, Lent(copy.copy()):
        if layout[0] == "B":
            batch = np.stack([np.asarray(copy)] * 2)
            found = model.score_batch(batch, layout=layout, fps=RATE)
            assert found.dtype == np.float64
            assert found.tolist() == [logit] * 2
            assert model.score(copy[None], layout=layout, fps=RATE).logit == logit
        else:
            assert model.score(array, layout=layout, fps=RATE).logit == logit
            assert model.score(array, fps=RATE).logit == logit  # The only one that fits.


def test_tensors_of_pytorch_give_the_score_of_the_file(
    model: ganrm.Model, frames: npt.NDArray[np.uint8], logit: float
) -> None:
    torch = pytest.importorskip("torch")
    tensor = torch.from_numpy(frames.copy())
    planes = tensor.permute(0, 3, 1, 2)
    for media in [
        tensor,
        planes,
        planes.contiguous(),
        (planes / 255).requires_grad_(),
        (planes.double() / 255),
        list(planes),
        [tensor[index] / 255 for index in range(len(tensor))],
    ]:
        assert model.score(media, fps=RATE).logit == logit
    video = planes.permute(1, 0, 2, 3)[None] / 255
    assert model.score_batch(video, layout="BCTHW", fps=RATE).tolist() == [logit]
    # Sixteen bits have not all of the 256 values; what there is, is rounded as float32 is.
    for dtype in torch.float16, torch.bfloat16:
        coarse = (planes / 255).to(dtype)
        expected = (coarse.float() * 255).round().byte()
        assert model.score(coarse, fps=RATE) == model.score(expected, fps=RATE)


def test_arrays_of_jax_give_the_score_of_the_file(
    model: ganrm.Model, frames: npt.NDArray[np.uint8], logit: float
) -> None:
    jax = pytest.importorskip("jax.numpy")
    assert model.score(jax.asarray(frames), fps=RATE).logit == logit


def test_images_of_pillow_give_the_score_of_the_file(
    model: ganrm.Model, tiny: Tiny, frames: npt.NDArray[np.uint8], logit: float
) -> None:
    pillow = pytest.importorskip("PIL.Image")
    row = tiny.rows(tiny.image)[0]
    image = pillow.open(tiny.image)
    for mode in "RGB", "RGBA", "P":
        assert (
            model.score(image.convert("RGB").convert(mode) if mode != "P" else image).logit
            == row["logit"]
        )
    images = [pillow.fromarray(frame) for frame in frames]
    # A sequence is one video; an iterable of score_many is as many inputs.
    assert model.score(images, fps=RATE).logit == logit
    singles = list(model.score_many(images[:3]))
    assert [result.value.frames for result in singles if result.value] == [1, 1, 1]
    assert [result.logit for result in singles] == [
        model.score(image).logit for image in images[:3]
    ]


def test_other_packages_are_not_imported() -> None:
    import subprocess
    import sys

    script = (
        "import sys, ganrm, numpy as np\n"
        "known = {'torch', 'jax', 'cupy', 'PIL', 'pandas', 'polars', 'pyarrow', 'fsspec', 'tqdm'}\n"
        "assert not known & set(sys.modules), known & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_decoders_of_torchcodec_are_read_as_needed(model: ganrm.Model, tiny: Tiny) -> None:
    decoders = pytest.importorskip("torchcodec.decoders")
    for clip in tiny.clips:
        decoder = decoders.VideoDecoder(clip)
        expected = model.score(decoder[:], layout="TCHW", fps=decoder.metadata.average_fps)
        assert model.score(decoder) == expected
    # What has RGB in the file has the same bits in every decoder.
    assert (
        model.score(decoders.VideoDecoder(tiny.clips[2])).logit == model.score(tiny.clips[2]).logit
    )


class Remote:
    """An array on another device, which copies what is asked for, and counts."""

    copied: list[tuple[int, ...]] = []

    def __init__(self, array: npt.NDArray[Any]) -> None:
        self._array = array
        self.dtype = array.dtype
        self.shape = array.shape
        self.device = self

    type = "cuda"

    def __getitem__(self, index: Any) -> Remote:
        return Remote(self._array[index])

    def detach(self) -> Remote:
        return self

    def cpu(self) -> npt.NDArray[Any]:
        self.copied.append(self.shape)
        return self._array.copy()

    def __dlpack__(self, **_arguments: Any) -> Any:
        raise BufferError("not on the processor")


@pytest.mark.parametrize("layout", ["THWC", "TCHW", "CTHW"])
def test_only_frames_that_are_sampled_are_copied(
    model: ganrm.Model, frames: npt.NDArray[np.uint8], logit: float, layout: str
) -> None:
    view = frames.transpose(["THWC".index(axis) for axis in layout])
    Remote.copied.clear()
    assert model.score(Remote(view), layout=layout, fps=RATE).logit == logit
    assert len(Remote.copied) == 8 < len(frames)
    assert {len(shape) for shape in Remote.copied} == {3}


@pytest.mark.parametrize("count", [1, 2, 7, 8, 9, 15, 16, 17, 81])
def test_every_length_has_the_score_of_its_file(
    model: ganrm.Model, tiny: Tiny, tmp_path: Any, count: int
) -> None:
    path = tmp_path / "clip.mkv"
    ffmpeg(
        "-f",
        "lavfi",
        "-i",
        f"testsrc2=size={WIDTH}x{HEIGHT}:rate=24",
        "-frames:v",
        str(count),
        "-c:v",
        "ffv1",
        path,
    )
    score, file = model.score(decoded(path), fps=24), model.score(path)
    assert (score.logit, score.first_frame, score.last_frame, score.frames) == (
        file.logit,
        file.first_frame,
        file.last_frame,
        count,
    )


@pytest.mark.parametrize(
    ("shape", "layout"),
    [
        ((72, 88), "HW"),
        ((72, 88, 3), "HWC"),
        ((72, 88, 4), "HWC"),
        ((3, 72, 88), "CHW"),
        ((16, 72, 88, 3), "THWC"),
        ((16, 3, 72, 88), "TCHW"),
        ((3, 16, 72, 88), "CTHW"),
        ((3, 72, 88, 3), None),
        ((3, 3, 72, 88), None),
        ((3, 72, 3), None),
        ((16, 3, 72, 3), None),
    ],
)
def test_a_layout_is_guessed_only_if_one_fits(shape: tuple[int, ...], layout: str | None) -> None:
    if layout:
        assert layout_of(shape, None) == layout
    else:
        with pytest.raises(ValueError, match=r"may be \w+ or \w+; say which by layout="):
            layout_of(shape, None)


def test_both_readings_are_named() -> None:
    with pytest.raises(
        ValueError, match=re.escape("[3, 3, 72, 88] may be TCHW or CTHW; say which")
    ):
        layout_of((3, 3, 72, 88), None)
    with pytest.raises(ValueError, match=re.escape("[3, 72, 88, 3] may be THWC or CTHW")):
        layout_of((3, 72, 88, 3), None)


@pytest.mark.parametrize(
    ("shape", "layout", "words"),
    [
        ((16, 72, 88), None, "name its axes by layout="),
        ((2, 16, 3, 72, 88), None, "name its axes by layout="),
        ((16, 72, 88, 3), "TCHW", "[16, 72, 88, 3] as TCHW has 72"),
        ((72, 88, 3), "THWC", "THWC has 4 axes, not [72, 88, 3]"),
        ((72, 88, 3), "WHC", "there is no layout 'WHC'"),
        ((0, 72, 88, 3), None, "name its axes"),
        ((0, 72, 88, 3), "THWC", "[0, 72, 88, 3] is empty"),
    ],
)
def test_layouts_that_do_not_fit_are_refused(
    model: ganrm.Model, shape: tuple[int, ...], layout: str | None, words: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        model.score(np.zeros(shape, np.uint8), layout=layout)


def test_a_batch_is_no_input(model: ganrm.Model) -> None:
    batch = np.zeros((2, 4, 72, 88, 3), np.uint8)
    with pytest.raises(ValueError, match="a batch of 2; use score_batch"):
        model.score(batch, layout="BTHWC")
    with pytest.raises(ValueError, match="'THWC' has none, use score"):
        model.score_batch(batch[0], layout="THWC")
    batch = np.zeros((2, 4, 72, 88, 3), np.float32)
    batch[1, 2, 0, 0, 0] = np.nan
    with pytest.raises(
        ValueError, match="number 1 of the batch: a frame has values that are not finite"
    ):
        model.score_batch(batch, layout="BTHWC")


def test_gray_is_three_equal_channels(model: ganrm.Model, frames: npt.NDArray[np.uint8]) -> None:
    gray = frames[..., 1]
    expected = model.score(np.repeat(gray[..., None], 3, axis=3))
    assert model.score(gray, layout="THW") == expected
    assert model.score(gray[..., None], layout="THWC") == expected
    assert model.score(list(gray)) == expected


def test_floats_are_rounded_to_nearest_or_truncated() -> None:
    values = np.array([[[0, 0.5 / 255, 1.5 / 255], [0.999 / 255, 1, 254.6 / 255]]])
    for dtype in np.float32, np.float64:
        assert as_bytes(values.astype(dtype), "round").tolist() == [[[0, 0, 2], [1, 255, 255]]]
        assert as_bytes(values.astype(dtype), "truncate").tolist() == [[[0, 0, 1], [0, 255, 254]]]
    torch = pytest.importorskip("torch")
    x = torch.rand(7, 5, 3, generator=torch.Generator().manual_seed(0))
    assert (as_bytes(x.numpy(), "round") == (x * 255).round().byte().numpy()).all()
    assert (as_bytes(x.numpy(), "truncate") == (x * 255).byte().numpy()).all()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.nan, "not finite"),
        (np.inf, "not finite"),
        (-0.5, r"for -1 to 1, pass \(x \+ 1\) / 2"),
        (200.0, "for 0 to 255, pass uint8"),
    ],
)
def test_floats_out_of_range_are_refused(
    model: ganrm.Model, frames: npt.NDArray[np.uint8], value: float, words: str
) -> None:
    floats = frames / np.float32(255)
    floats[8, 3, 4, 1] = value  # Of a frame that is sampled.
    with pytest.raises(ValueError, match=words):
        model.score(floats)
    result = next(model.score_many([floats]))
    assert not result and re.search(words, result.error or "")
    assert np.isnan(result.score) and np.isnan(result.logit)


def test_floats_a_little_out_of_range_are_clipped(
    model: ganrm.Model, frames: npt.NDArray[np.uint8], logit: float
) -> None:
    floats = frames / np.float32(255)
    floats[floats == 0] = -0.009
    floats[floats == 1] = 1.009
    assert model.score(floats, fps=RATE).logit == logit


@pytest.mark.parametrize(
    "media",
    [np.zeros((72, 88, 3), np.int64), np.zeros((72, 88, 3), bool), np.zeros((72, 88, 3), "u2")],
)
def test_other_types_are_refused(model: ganrm.Model, media: Any) -> None:
    with pytest.raises(TypeError, match="uint8, or floats from 0 to 1"):
        model.score(media)


@pytest.mark.parametrize(
    ("media", "error", "words"),
    [
        (7, TypeError, "not int"),
        (None, TypeError, "not NoneType"),
        ({}, TypeError, "not dict"),
        ([], ValueError, "at least one frame"),
        (["a.png"], TypeError, "use score_many"),
        ([np.zeros((2, 72, 88, 3), np.uint8)], ValueError, "a frame is one image"),
    ],
)
def test_what_is_no_medium_is_refused(
    model: ganrm.Model, media: Any, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        model.score(media)


def test_kinds_are_checked(model: ganrm.Model, frames: npt.NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match="an image has one frame, not 16"):
        model.score(frames, kind="image")
    with pytest.raises(ValueError, match="kind is 'video' or 'image', not 'clip'"):
        model.score(frames, kind="clip")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="fps is above 0"):
        model.score(frames, fps=0)
    assert model.score(frames[:1], kind="image") == model.score(frames[0])
