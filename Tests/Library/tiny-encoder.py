#!/usr/bin/env python3
"""Writes an encoder with the architecture of CLIP, two small blocks and random weights: tiny-encoder.py FOLDER

Writes FOLDER/tiny.json and FOLDER/tiny.safetensors. A clip takes a thousandth of the time of the default encoder, so
that it can be scored under valgrind.
"""

import array
import json
import math
import pathlib
import random
import sys

WIDTH, PATCH, SIZE, LAYERS = 32, 8, 32, 2
DESCRIPTION = {
    "name": "tiny",
    "configuration": {
        "imageSize": SIZE, "patchSize": PATCH, "width": WIDTH, "layers": LAYERS, "heads": 2,
        "hiddenWidth": 4 * WIDTH, "activation": "quick_gelu", "layerNormEpsilon": 1e-5,
        "normalisesInput": True, "normalisesOutput": False, "hasPatchBias": False,
        "hasLayerScale": False, "positionGrid": SIZE // PATCH, "frameCount": 1,
    },
    "preprocessing": {
        "resize": "short_side", "size": SIZE, "filter": "pillow_bicubic", "crop": SIZE,
        "mean": [0.48, 0.46, 0.41], "deviation": [0.27, 0.26, 0.28],
    },
}


def shapes():
    """Yields (name, shape, scale, offset) of each tensor, with the names of Hugging Face's CLIP."""
    yield "embeddings.class_embedding", [WIDTH], 0.3, 0
    yield "embeddings.patch_embedding.weight", [WIDTH, 3, PATCH, PATCH], 0.1, 0
    yield "embeddings.position_embedding.weight", [1 + (SIZE // PATCH) ** 2, WIDTH], 0.3, 0
    norms = ["pre_layrnorm", "post_layernorm"]
    for layer in range(LAYERS):
        block = f"encoder.layers.{layer}"
        norms += [f"{block}.layer_norm1", f"{block}.layer_norm2"]
        matrices = [(f"self_attn.{name}_proj", WIDTH, WIDTH) for name in ("q", "k", "v", "out")]
        matrices += [("mlp.fc1", 4 * WIDTH, WIDTH), ("mlp.fc2", WIDTH, 4 * WIDTH)]
        for name, rows, columns in matrices:
            yield f"{block}.{name}.weight", [rows, columns], 0.3, 0
            yield f"{block}.{name}.bias", [rows], 0.1, 0
    for norm in norms:
        yield f"{norm}.weight", [WIDTH], 0.1, 1
        yield f"{norm}.bias", [WIDTH], 0.1, 0


def main(folder):
    generator = random.Random(7)
    header, values = {}, array.array("f")
    for name, shape, scale, offset in shapes():
        begin = 4 * len(values)
        values.extend(generator.uniform(-scale, scale) + offset for _ in range(math.prod(shape)))
        header[f"vision_model.{name}"] = {
            "dtype": "F32", "shape": shape, "data_offsets": [begin, 4 * len(values)]
        }
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (folder / "tiny.json").write_text(json.dumps(DESCRIPTION))
    (folder / "tiny.safetensors").write_bytes(
        len(text).to_bytes(8, "little") + text + values.tobytes()
    )


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
