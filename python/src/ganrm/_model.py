from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from ganrm._arrays import Rounding
from ganrm._encoding import encode
from ganrm._enums import Code, Kind, Sampling
from ganrm._errors import GanrmError, MediaError
from ganrm._filter import Filter
from ganrm._frames import Frames, frames, picture, single_view, videos_of
from ganrm._library import path_bytes
from ganrm._media import file_name, is_file, worker_path
from ganrm._opening import Opening
from ganrm._picture import Picture
from ganrm._ranking import Ranking, ranked
from ganrm._results import Results
from ganrm._score import Score, score_of_row, with_clips
from ganrm._scoring import Job, results

Path = str | os.PathLike[str]
Media = Any
"""A path, URL or bytes of a file; or frames: an array, an image of Pillow, a sequence of them."""
PrecisionName = Literal["auto", "f32", "bf16", "int8"]
KindName = Literal["video", "image"]


class Model:
    """A reward model: scores files in worker processes and frames in memory in this one.

    It opens at its first use, in every process anew: it can be pickled, and used by the children of
    a fork, in which nothing of the parent's is touched. Any number of threads may use it.

    Args:
        model: File or folder of a reward model; None: the default model.
        encoder: Name, or a JSON file that describes it; None: the model's own.
        weights: Weight file of the encoder; None: from the cache of models.
        precision: How the encoder computes; "auto" is bf16 where the processor is fast at it, else f32.
        threads: Threads of the encoder, 1 to 1024; None: as many as affinity and cgroup quota leave,
            divided among the workers for files; 1 in a worker of PyTorch's DataLoader.
        workers: Processes that score files, each with the model in memory.
        download: Whether missing weights are fetched, at the first use.

    Raises:
        ValueError: An argument is out of range.
    """

    def __init__(
        self,
        model: Path | None = None,
        *,
        encoder: Path | None = None,
        weights: Path | None = None,
        precision: PrecisionName = "auto",
        threads: int | None = None,
        workers: int = 1,
        download: bool = False,
    ) -> None:
        if precision not in get_args(PrecisionName):
            known = ", ".join(get_args(PrecisionName))
            raise ValueError(f"precision is one of {known}, not '{precision}'")
        if threads is not None and not 1 <= threads <= 1024:
            raise ValueError(f"threads are 1 to 1024, not {threads}")
        if not 1 <= workers <= 1024:
            raise ValueError(f"workers are 1 to 1024, not {workers}")
        for path in model, encoder, weights:
            path_bytes(path)
        self._arguments: dict[str, Any] = {
            "model": model,
            "encoder": encoder,
            "weights": weights,
            "precision": precision,
            "threads": threads,
            "workers": workers,
            "download": download,
        }
        self._workers = workers
        self._opening = Opening(model, encoder, weights, precision, threads, workers, download)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self._arguments,)

    def __repr__(self) -> str:
        given = ", ".join(
            f"{name}={value!r}"
            for name, value in self._arguments.items()
            if value not in (None, False)
            and (name, value) not in (("precision", "auto"), ("workers", 1))
        )
        return f"ganrm.Model({given})"

    def __enter__(self) -> Model:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the workers and frees the weights; any use after that raises `GanrmError`."""
        self._opening.close()

    @property
    def name(self) -> str:
        """ "default", or the path."""
        with self._opening.native() as native:
            return native.name

    @property
    def fingerprint(self) -> str:
        """What tells one reward model from another, as rows of `ganrm score` have it."""
        with self._opening.native() as native:
            return native.fingerprint

    @property
    def precision(self) -> str:
        """In which the encoder computes: "f32", "bf16" or "int8"; loads the encoder."""
        with Filter(self) as stream:
            return stream.precision

    def score(
        self,
        media: Media,
        *,
        layout: str | None = None,
        fps: float | None = None,
        kind: KindName | None = None,
        rounding: Rounding = "round",
        timeout: float | None = None,
    ) -> Score:
        """The score of one input.

        Args:
            media: A file: a path, a URL (of libavformat or fsspec) or the file's bytes. Or frames: an
                array of NumPy or with `__dlpack__` (PyTorch, JAX, CuPy), an image of Pillow, or a
                sequence of either, which is one video; or a video decoder of torchcodec. Samples are
                uint8, or floats from 0 to 1.
            layout: Axes of an array, as "TCHW" or "CTHW"; None: the only one that fits. A sequence
                has the layout of its frames.
            fps: Frames per second of a video in memory; without, the score has no times, and a model
                that takes consecutive frames takes neighbours.
            kind: Whether frames are a "video" or an "image"; None: what has a time axis is a video.
            rounding: How floats become 8 bits: "round" is round(255 · x), "truncate" floor(255 · x).
            timeout: Seconds that a file may take, the start of its worker included; None: no limit.

        Raises:
            MediaError: The file cannot be scored, or ended its worker.
            TypeError: This is no medium, or its samples are neither uint8 nor floats.
            ValueError: No layout fits, or several do; samples are not in range.
            GanrmError: The model cannot be opened.
        """
        if is_file(media):
            _check_file_options(layout, fps, kind)
            return self._score_file(media, timeout)
        return self._score_frames(frames(media, layout, _kind(kind), rounding), fps)[0]

    async def ascore(
        self,
        media: Media,
        *,
        layout: str | None = None,
        fps: float | None = None,
        kind: KindName | None = None,
        rounding: Rounding = "round",
        timeout: float | None = None,
    ) -> Score:
        """As `score`, in a thread of the event loop's executor."""
        import asyncio  # 30 ms of every `import ganrm` otherwise.

        return await asyncio.to_thread(
            self.score, media, layout=layout, fps=fps, kind=kind, rounding=rounding, timeout=timeout
        )

    def score_many(
        self,
        media: Iterable[Media],
        *,
        ids: Iterable[Any] | None = None,
        errors: Literal["return", "raise"] = "return",
        ordered: bool = True,
        max_in_flight: int | None = None,
        layout: str | None = None,
        fps: float | None = None,
        kind: KindName | None = None,
        rounding: Rounding = "round",
        timeout: float | None = None,
        retries: int = 0,
        progress: bool | None = None,
    ) -> Results:
        """Scores inputs one after the other, as many at a time as there are workers.

        Args:
            media: Any iterable, also endless: it is read as results are taken.
            ids: One for each input; None: the path, or the position from 0.
            errors: "return": a failed input is a result without a score, which is false; "raise":
                its error ends the run.
            ordered: Whether results are in the order of the inputs, or as they are known.
            max_in_flight: Inputs that are read ahead of the results; None: twice the workers.
            layout, fps, kind, rounding: Of inputs in memory, as in `score`.
            timeout: Seconds for each file.
            retries: How often a file that ended its worker, or took too long, is tried again: it may
                have been killed for another reason, such as the memory that others use.
            progress: Whether a line on standard error counts; None: if that is a terminal.
        """
        if errors not in ("return", "raise"):
            raise ValueError(f"errors are 'return' or 'raise', not '{errors}'")
        in_flight = 2 * self._workers if max_in_flight is None else max_in_flight
        if in_flight < 1:
            raise ValueError(f"max_in_flight is at least 1, not {in_flight}")
        if retries < 0:
            raise ValueError(f"retries are at least 0, not {retries}")
        wanted = _kind(kind)

        def score(medium: Media) -> Score:
            if is_file(medium):
                return self._score_file(medium, timeout, retries)
            return self._score_frames(frames(medium, layout, wanted, rounding), fps)[0]

        job = Job(
            score, self._workers, in_flight, errors == "raise", ordered, self._opening.end_workers
        )
        return Results(results(job, media, ids, progress))

    def score_batch(
        self,
        videos: Any,
        *,
        layout: str,
        fps: float | None = None,
        rounding: Rounding = "round",
    ) -> npt.NDArray[np.float64]:
        """Logits of a batch in one array, `[batch]`; never NaN.

        Args:
            videos: `[batch, time, channels, height, width]` in the order that `layout` says, without
                a time axis images.
            layout: As "BTCHW", "BCTHW", "BTHWC", "BCHW" or "BHWC".

        Raises:
            As `score`; the message of a ValueError names the video.
        """
        if "B" not in layout:
            raise ValueError(f"a batch has an axis B; '{layout}' has none, use score")
        kind = Kind.VIDEO if "T" in layout else Kind.IMAGE
        logits: list[float] = []
        for index, video in enumerate(videos_of(videos, layout)):
            try:
                score, _ = self._score_frames(Frames(video, kind, rounding), fps)
            except ValueError as problem:
                raise ValueError(f"number {index} of the batch: {problem}") from problem
            logits.append(score.logit)
        return np.array(logits, np.float64)

    def score_stream(
        self,
        frames: Iterable[Any],
        *,
        fps: float | None = None,
        layout: str | None = None,
        rounding: Rounding = "round",
        sample_frames: int = 0,
        stride: int = 0,
        hop: int = 0,
        clip_rate: float = 0,
    ) -> Iterator[Score]:
        """Scores of windows of a stream, each as soon as its last frame is there.

        Args:
            frames: Arrays `[height, width, channels]` or what `layout` says, or images of Pillow, any
                number of them; memory is constant.
            fps: Frames per second; None: the scores have no times.
            sample_frames: Frames per clip; 0: as the model was trained.
            stride: Every n-th frame; 0: as trained, else 1.
            hop: Frames from clip to clip; 0: clips touch.
            clip_rate: Frames per second of the clips instead of a stride; 0: none.
        """
        with Filter(
            self,
            sampling=Sampling.WINDOW,
            frames=sample_frames,
            stride=stride,
            hop=hop,
            clip_rate=clip_rate,
        ) as stream:
            for index, frame in enumerate(frames):
                taken = (
                    frame
                    if isinstance(frame, Picture)
                    else picture(single_view(frame, layout), rounding)
                )
                stream.push(taken, *_times(index, fps))
                yield from stream
            stream.flush()
            yield from stream

    def embed(
        self,
        media: Media,
        *,
        layout: str | None = None,
        fps: float | None = None,
        kind: KindName | None = None,
        rounding: Rounding = "round",
    ) -> npt.NDArray[np.float32]:
        """The embedding of one input, which the head scores: `[2 · width · taps]`, and motion.

        A file is embedded by a process of its own, `ganrm encode`, which loads the encoder: for many
        files, call that.

        Args:
            media, layout, fps, kind, rounding: As for `score`.

        Raises:
            As `score`.
        """
        if is_file(media):
            _check_file_options(layout, fps, kind)
            return self._embed_file(media)
        return self._score_frames(frames(media, layout, _kind(kind), rounding), fps)[1]

    def rank(self, groups: Mapping[str, Sequence[Media]], **options: Any) -> Ranking:
        """Ranks the candidates of each group, as `ganrm rank` does.

        Args:
            groups: Candidates by the name of the group, such as their prompt.
            options: `layout`, `fps`, `kind`, `rounding`, `timeout` and `progress` as for `score_many`.
        """
        everything = [(name, medium) for name, media in groups.items() for medium in media]
        found = iter(
            self.score_many(
                [medium for _, medium in everything],
                ids=[
                    file_name(medium) if is_file(medium) else index
                    for media in groups.values()
                    for index, medium in enumerate(media)
                ],
                **options,
            )
        )
        return Ranking(
            row
            for name, media in groups.items()
            for row in ranked(name, [next(found) for _ in media], media)
        )

    def _score_file(self, media: Any, timeout: float | None, retries: int = 0) -> Score:
        name = file_name(media)
        if "\0" in name:
            raise MediaError("a path with a zero byte names no file", Code.ERROR_ARGUMENT)
        pool = self._opening.pool()
        with worker_path(media) as path:
            row = pool.ask({"path": path}, name, timeout, retries)
        if "error" in row:
            raise MediaError(str(row["error"]).replace(f"'{path}'", f"'{name}'"))
        return score_of_row(row)

    def _embed_file(self, media: Any) -> npt.NDArray[np.float32]:
        name = file_name(media)
        settings = self._opening.recipe()
        with worker_path(media) as path:
            try:
                return encode(path, settings)
            except GanrmError as problem:
                words = str(problem).removeprefix("ganrm encode: ")
                raise MediaError(words.replace(f"'{path}'", f"'{name}'")) from None

    def _score_frames(
        self, media: Frames, fps: float | None
    ) -> tuple[Score, npt.NDArray[np.float32]]:
        """The score and the embedding of frames in memory."""
        fps = media.fps if fps is None else fps
        times = [_times(index, fps) for index in range(len(media))]
        if media.kind == Kind.VIDEO:
            clip = Filter(
                self, sampling=Sampling.UNIFORM, length=len(media), frame_rate=min(fps or 0, 1e6)
            )
        else:
            clip = Filter(self, kind=Kind.IMAGE)
        with clip:
            for index, (seconds, duration) in enumerate(times):
                if clip.wants(seconds):
                    clip.push(media.picture(index), seconds, duration)
                else:
                    clip.skip(seconds, duration)
            clip.flush()
            score = clip.pull()
            if score is None:
                raise GanrmError("the frames gave no score")
            return with_clips(score, (score,), len(media)), clip.embedding()


def load(
    model: Path | None = None,
    *,
    encoder: Path | None = None,
    weights: Path | None = None,
    precision: PrecisionName = "auto",
    threads: int | None = None,
    workers: int = 1,
    download: bool = False,
) -> Model:
    """A reward model; see `Model` for the arguments.

    >>> import ganrm
    >>> with ganrm.load() as model:
    ...     print(f"{model.score('clip.mp4').logit:.1f}")
    1.8
    """
    return Model(
        model,
        encoder=encoder,
        weights=weights,
        precision=precision,
        threads=threads,
        workers=workers,
        download=download,
    )


def _restored(arguments: dict[str, Any]) -> Model:
    return Model(**arguments)


def _check_file_options(layout: str | None, fps: float | None, kind: str | None) -> None:
    if layout is not None or fps is not None or kind is not None:
        raise ValueError("layout, fps and kind are of frames; a file has its own")


def _kind(name: KindName | None) -> Kind | None:
    if name is None:
        return None
    if name not in get_args(KindName):
        raise ValueError(f"kind is 'video' or 'image', not '{name}'")
    return Kind[name.upper()]


def _times(index: int, fps: float | None) -> tuple[float | None, float | None]:
    if fps is None:
        return None, None
    if not 0 < fps < float("inf"):
        raise ValueError(f"fps is above 0, not {fps}")
    return index / fps, 1 / fps
