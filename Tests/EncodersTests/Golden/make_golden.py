"""Writes the golden values of the encoder tests with the reference implementations.

    python make_golden.py --viclip PATH/TO/InternVideo/Data/InternVid/viclip

Needs torch, transformers, safetensors, numpy, timm and einops from PyPI, and a checkout of
https://github.com/OpenGVLab/InternVideo (values generated with commit 3965eef16e2d), whose
`viclip_vision.py` is used unchanged. Writes `tiny-*.safetensors` (weights, pixels and reference
embeddings) and `full.safetensors` (embeddings only: weights and pixels come from `splitmix.py`)
beside this file.

Expected values are computed in float64 from the same float32 weights and pixels, so that the error
in the tests is that of the implementation.

Weights are uniform with the standard deviations of the references' initialization. Attention logits
are scaled up so that attention is far from uniform, norms and LayerScale differ from 1, and position
embeddings are large enough that an error in them is visible.
"""

import argparse
import importlib.util
import pathlib
import sys
import types

import numpy as np
import torch
from safetensors.torch import save_file
from splitmix import numbers
from transformers import CLIPVisionConfig, CLIPVisionModel, Dinov2Config, Dinov2Model

here = pathlib.Path(__file__).parent
torch.set_grad_enabled(False)


def scale_and_offset(name: str, shape) -> tuple[float, float]:
    """Half-width and center of a tensor's distribution; the same rules as in `RandomModel.swift`."""
    if "lambda1" in name:
        return 0.5, 0.75
    if len(shape) == 1:
        is_norm = any(part in name for part in ("norm", "ln_", "layrnorm"))
        if is_norm and name.endswith("weight"):
            return 0.3, 1.0
        if "class_embedding" in name:
            return 0.3, 0.0
        return 0.1, 0.0
    if "position" in name or "cls_token" in name or "mask_token" in name:
        return 0.3, 0.0
    fan_in = int(np.prod(shape[1:]))
    gain = 1.0
    if any(part in name for part in ("q_proj", "k_proj", "query", "key", "in_proj")):
        gain = 1.5
    # A uniform distribution in [-s, s) has the standard deviation s / sqrt(3).
    return gain * float(np.float32((3.0 / fan_in) ** 0.5)), 0.0


def fill(model: torch.nn.Module, label: str) -> dict[str, torch.Tensor]:
    """Fills a model with deterministic weights and returns them as float32 by name."""
    state = {}
    for name, tensor in model.state_dict().items():
        scale, offset = scale_and_offset(name, tensor.shape)
        state[name] = torch.from_numpy(
            numbers(f"{label}/{name}", tuple(tensor.shape), scale, offset)
        )
    model.load_state_dict(state)
    model.double().eval()
    return state


def pixels(label: str, clips: int, frames: int, side: int) -> torch.Tensor:
    """Normalized pixels, [clips, frames, 3, side, side]: uniform noise."""
    noise = numbers(f"{label}/pixels", (clips, frames, 3, side, side), 1.0)
    return torch.from_numpy(noise)


def pooled(tokens: torch.Tensor) -> torch.Tensor:
    """[clips, tokens, width] -> [clips, 2 * width]: CLS, mean over all tokens."""
    return torch.cat([tokens[:, 0], tokens.mean(1)], dim=1)


def hugging_face(model, clips: torch.Tensor) -> torch.Tensor:
    """Pooled tokens after each layer, [clips, layers, 2 * width]; the last is from `last_hidden_state`."""
    out = model(pixel_values=clips[:, 0].double(), output_hidden_states=True)
    taps = list(out.hidden_states[1:-1]) + [out.last_hidden_state]
    return torch.stack([pooled(tokens) for tokens in taps], dim=1)


def viclip(model, clips: torch.Tensor) -> torch.Tensor:
    """Pooled tokens after each block of the reference source, [clips, layers, 2 * width]."""
    taps = []
    hooks = [
        block.register_forward_hook(lambda _, __, out: taps.append(pooled(out.permute(1, 0, 2))))
        for block in model.transformer.resblocks
    ]
    model(clips.permute(0, 2, 1, 3, 4).double())
    for hook in hooks:
        hook.remove()
    return torch.stack(taps, dim=1)


def load_viclip(folder: pathlib.Path):
    # The reference imports names of an older timm.
    import timm.layers
    import timm.models

    for name, module in (("layers", timm.layers), ("registry", None)):
        full = f"timm.models.{name}"
        if full not in sys.modules:
            stand_in = module or types.ModuleType(full)
            if module is None:
                stand_in.register_model = lambda function: function
            sys.modules[full] = stand_in
    spec = importlib.util.spec_from_file_location("viclip_vision", folder / "viclip_vision.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write(name: str, tensors: dict[str, torch.Tensor]):
    tensors = {key: value.float().contiguous().clone() for key, value in tensors.items()}
    save_file(tensors, here / f"{name}.safetensors")
    print(name, {key: tuple(value.shape) for key, value in tensors.items() if "golden" in key})


def report(label: str, golden: torch.Tensor):
    last = golden[:, -1]
    print(
        f"{label}: deviation {last.std():.3f}, between clips "
        f"{(last[0] - last[-1]).norm() / last[0].norm():.3f}"
    )


def tiny(viclip_source):
    """Small models with odd grids; the weights are stored in the file as `weights.NAME`."""
    models = {}
    config = CLIPVisionConfig(
        hidden_size=64, intermediate_size=256, num_hidden_layers=3, num_attention_heads=2,
        image_size=35, patch_size=7, hidden_act="quick_gelu",
    )
    models["tiny-clip"] = (CLIPVisionModel(config), hugging_face, [("image", 3, 1, 35)])
    config = Dinov2Config(
        hidden_size=48, mlp_ratio=4, num_hidden_layers=3, num_attention_heads=3,
        image_size=42, patch_size=6,
    )
    # Position embeddings of 7 x 7 patches, interpolated to 5 x 5.
    models["tiny-dinov2"] = (Dinov2Model(config), hugging_face, [("image", 3, 1, 30)])
    model = viclip_source.VisionTransformer(
        input_resolution=24, patch_size=8, width=64, layers=3, heads=2, output_dim=16,
        num_frames=8,
    )
    models["tiny-viclip"] = (model, viclip, [("video", 3, 8, 24), ("image", 2, 1, 24)])
    for name, (model, run, inputs) in models.items():
        tensors = {f"weights.{key}": value for key, value in fill(model, name).items()}
        for kind, clips, frames, side in inputs:
            data = pixels(f"{name}/{kind}", clips, frames, side)
            golden = run(model, data)
            report(f"{name} {kind}", golden)
            tensors[f"pixels.{kind}"] = data
            tensors[f"golden.{kind}"] = golden
        write(name, tensors)


def full(viclip_source):
    """Models of real size; the test generates the same weights and pixels."""
    tensors = {}

    def run(name, model, reference, clips, frames, check=None):
        fill(model, name)
        golden = reference(model, pixels(name, clips, frames, 224))
        report(name, golden)
        tensors[f"golden.{name}"] = golden

    config = CLIPVisionConfig(
        hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12,
        image_size=224, patch_size=32, hidden_act="quick_gelu",
    )
    run("clip-vit-base-patch32", CLIPVisionModel(config), hugging_face, 2, 1)
    config = Dinov2Config(
        hidden_size=384, num_hidden_layers=12, num_attention_heads=6, image_size=518,
        patch_size=14,
    )
    run("dinov2-small-patch14", Dinov2Model(config), hugging_face, 2, 1)
    model = viclip_source.clip_joint_b16()
    run("viclip-base-patch16", model, viclip, 1, 8)
    model = viclip_source.clip_joint_l14()
    run("viclip-large-patch14", model, viclip, 1, 8)
    # The middle block and the last two blocks are enough to detect an error.
    for name, golden in tensors.items():
        layers = golden.shape[1]
        tensors[name] = golden[:, [layers // 2 - 1, layers - 2, layers - 1]]
    write("full", tensors)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viclip", type=pathlib.Path, required=True)
    parser.add_argument("--only", choices=["tiny", "full"])
    arguments = parser.parse_args()
    source = load_viclip(arguments.viclip)
    if arguments.only != "full":
        tiny(source)
    if arguments.only != "tiny":
        full(source)
