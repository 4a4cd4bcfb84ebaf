"""Embeddings of files by `ganrm encode`, with the recipe of a reward model."""

from __future__ import annotations

import json
import os
import struct
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ganrm._command import options, run
from ganrm._enums import Code
from ganrm._errors import GanrmError


def recipe(info: dict[str, Any], encoder: str | None, weights: str | None) -> dict[str, object]:
    """Options of `ganrm encode` with which it embeds as a reward model does.

    Args:
        info: The JSON of `ganrm head info`.
        encoder: Replaces the model's encoders.
        weights: Replaces those of the cache.

    Raises:
        GanrmError: The model samples windows, of which an input has many.
    """
    sampling = info["sampling"].get("uniform")
    if sampling is None:
        raise GanrmError(
            "the model was trained on windows, of which a file has many; use ganrm encode --per clip",
            Code.ERROR_ARGUMENT,
        )
    video, image = info["encoders"]["video"], info["encoders"]["image"]
    return {
        "encoder": encoder or video["name"],
        "weights": weights,
        "image_encoder": encoder or image["name"],
        "image_weights": weights,
        "taps": video["taps"],
        "motion": video["motion"]["block"] if "motion" in video else None,
        "sampling": "uniform",
        "frames": sampling["frameCount"],
        "burst": sampling.get("burst"),
    }


def encode(path: str, settings: dict[str, object]) -> npt.NDArray[np.float32]:
    """The embedding of a file, `[2 · width · taps]` and motion.

    Raises:
        GanrmError: The file or the encoder cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="ganrm-") as folder:
        output = Path(folder, "embedding.safetensors")
        words = ["encode", "--no-store", "--offline", "--output", str(output)]
        # The first line is about the file, the last one about the output that is not written.
        run([*words, *options(settings), path], progress=False, reason=0)
        content = output.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    tensor = json.loads(content[8 : 8 + length])["embeddings"]
    begin, end = tensor["data_offsets"]
    values = np.frombuffer(content[8 + length + begin : 8 + length + end], np.float32)
    # One input, one row.
    return values.copy()


def text(path: str | os.PathLike[str] | None) -> str | None:
    return None if path is None else os.fsdecode(path)
