"""The encoders in PyTorch, as their publishers compute them, and weights to measure them with.

Sources: `openai/CLIP` `clip/model.py`; `OpenGVLab/InternVideo` `Data/InternVid/viclip/viclip_vision.py`;
Hugging Face `modeling_dinov2.py`. A module gives what ganrm calls an embedding: the CLS token and the mean
over all tokens, [clips, 2 * width].
"""

import dataclasses

import nets
import torch
import torch.nn.functional as F
from torch import nn


@dataclasses.dataclass(frozen=True)
class Architecture:
    """One row of ganrm's catalogue."""

    patch: int
    width: int
    layers: int
    heads: int
    frames: int = 1
    is_dinov2: bool = False
    # Of the learnt positions; others are interpolated.
    position_grid: int | None = None
    image: int = 224
    # Of pixels in [0, 1].
    mean: tuple[float, ...] = (0.48145466, 0.4578275, 0.40821073)
    deviation: tuple[float, ...] = (0.26862954, 0.26130258, 0.27577711)
    # Of an embedding, which are compared apart: CLS and mean.
    parts: int = 2

    @property
    def grid(self) -> int:
        return self.image // self.patch


IMAGENET = {"mean": (0.485, 0.456, 0.406), "deviation": (0.229, 0.224, 0.225)}

TRANSFORMERS = {
    "viclip-base-patch16": Architecture(16, 768, 12, 12, frames=8, **IMAGENET),
    "viclip-large-patch14": Architecture(14, 1024, 24, 16, frames=8, **IMAGENET),
    "clip-vit-base-patch32": Architecture(32, 768, 12, 12),
    "dinov2-small-imgfocus": Architecture(14, 384, 12, 6, is_dinov2=True, position_grid=37, **IMAGENET),
}
ARCHITECTURES = TRANSFORMERS | nets.ARCHITECTURES


class QuickGELU(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(1.702 * x)


class Scale(nn.Module):
    """DINOv2's LayerScale."""

    def __init__(self, width: int):
        super().__init__()
        self.lambda1 = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return x * self.lambda1


class OnnxRuntimeAttention(torch.autograd.Function):
    """Attention as one operation of ONNX Runtime; the arguments are [clips, tokens, width]."""

    @staticmethod
    def forward(ctx, query, key, value, heads):
        return query.new_zeros(query.shape)

    @staticmethod
    def symbolic(graph, query, key, value, heads):
        made = graph.op("com.microsoft::MultiHeadAttention", query, key, value, num_heads_i=heads)
        return made.setType(query.type())


class Attention(nn.Module):
    # Only to export: ONNX Runtime does not find this module's attention by its own fusions.
    is_for_onnx_runtime = False

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.in_proj = nn.Linear(width, 3 * width)
        self.out_proj = nn.Linear(width, width)

    def forward(self, x):
        clips, tokens, width = x.shape
        if self.is_for_onnx_runtime:
            parts = self.in_proj(x).split(width, dim=2)
            return self.out_proj(OnnxRuntimeAttention.apply(*parts, self.heads))
        query, key, value = (
            part.reshape(clips, tokens, self.heads, width // self.heads).transpose(1, 2)
            for part in self.in_proj(x).split(width, dim=2)
        )
        gathered = F.scaled_dot_product_attention(query, key, value)
        return self.out_proj(gathered.transpose(1, 2).reshape(clips, tokens, width))


class Block(nn.Module):
    def __init__(self, of: Architecture):
        super().__init__()
        epsilon = 1e-6 if of.is_dinov2 else 1e-5
        self.ln_1 = nn.LayerNorm(of.width, epsilon)
        self.attn = Attention(of.width, of.heads)
        self.ln_2 = nn.LayerNorm(of.width, epsilon)
        self.c_fc = nn.Linear(of.width, 4 * of.width)
        self.activation = nn.GELU() if of.is_dinov2 else QuickGELU()
        self.c_proj = nn.Linear(4 * of.width, of.width)
        self.scale_1 = Scale(of.width) if of.is_dinov2 else nn.Identity()
        self.scale_2 = Scale(of.width) if of.is_dinov2 else nn.Identity()

    def forward(self, x):
        x = x + self.scale_1(self.attn(self.ln_1(x)))
        return x + self.scale_2(self.c_proj(self.activation(self.c_fc(self.ln_2(x)))))


class VisionTransformer(nn.Module):
    """[clips * frames, 3, side, side] -> [clips, 2 * width]."""

    def __init__(self, of: Architecture, taps: tuple[int, ...] = ()):
        """`taps`: take the tokens after these blocks, as they are; none: what the encoder gives."""
        super().__init__()
        self.of = of
        self.conv1 = nn.Conv2d(3, of.width, of.patch, of.patch, bias=of.is_dinov2)
        self.class_embedding = nn.Parameter(torch.zeros(of.width))
        self.positional_embedding = nn.Parameter(torch.zeros(1 + of.grid**2, of.width))
        if of.frames > 1:
            self.temporal_positional_embedding = nn.Parameter(torch.zeros(of.frames, of.width))
        self.ln_pre = nn.Identity() if of.is_dinov2 else nn.LayerNorm(of.width, 1e-5)
        self.taps = taps or (of.layers,)
        self.blocks = nn.ModuleList(Block(of) for _ in range(self.taps[-1]))
        ends_in_norm = of.is_dinov2 and not taps
        self.norm = nn.LayerNorm(of.width, 1e-6) if ends_in_norm else nn.Identity()

    def forward(self, pixels):
        of = self.of
        positions = self.positional_embedding
        x = self.conv1(pixels).flatten(2).transpose(1, 2) + positions[1:]
        if of.frames > 1:
            x = x.reshape(-1, of.frames, of.grid**2, of.width)
            x = x + self.temporal_positional_embedding[:, None]
            x = x.reshape(-1, of.frames * of.grid**2, of.width)
        first = (self.class_embedding + positions[0]).expand(x.shape[0], 1, of.width)
        x = self.ln_pre(torch.cat([first, x], dim=1))
        made = []
        for number, block in enumerate(self.blocks, 1):
            x = block(x)
            if number in self.taps:
                tokens = self.norm(x)
                made += [tokens[:, 0], tokens.mean(1)]
        return torch.cat(made, dim=1)


def made_up_weights(name: str, seed: int = 0) -> dict[str, torch.Tensor]:
    """Weights of an encoder under its publisher's names."""
    if name in nets.ARCHITECTURES:
        return nets.made_up_weights(name, seed)
    return transformer_weights(TRANSFORMERS[name], seed)


def module(name: str, state: dict[str, torch.Tensor]) -> nn.Module:
    """An encoder with the weights of a checkpoint."""
    if name in nets.ARCHITECTURES:
        return nets.load(name, state)
    return load(VisionTransformer(TRANSFORMERS[name]), state)


def transformer_weights(of: Architecture, seed: int) -> dict[str, torch.Tensor]:
    """Weights under OpenAI's names, spread as a trained encoder's are.

    Linear layers keep the variance of what goes in. A few channels of the residual stream are outliers, some
    hundred times as large as the others, and few of the norms' factors are large: what makes trained
    transformers hard to quantise.
    """
    draw = torch.Generator().manual_seed(seed)
    width = of.width

    def normal(*shape, scale):
        return torch.randn(*shape, generator=draw) * scale

    def norm(name):
        weight = 1 + normal(width, scale=0.2)
        weight[loud] *= 4
        weight[outliers] *= 0.05
        return {f"{name}.weight": weight, f"{name}.bias": normal(width, scale=0.1)}

    def linear(weight, bias, outputs, inputs, gain=1.0):
        return {
            weight: normal(outputs, inputs, scale=gain / inputs**0.5),
            bias: normal(outputs, scale=0.05),
        }

    chosen = torch.randperm(width, generator=draw)
    outliers, loud = chosen[:4], chosen[4:12]
    patch_values = 3 * of.patch**2
    state = {
        "class_embedding": normal(width, scale=0.3),
        "positional_embedding": normal(1 + of.grid**2, width, scale=0.3),
        "conv1.weight": normal(width, 3, of.patch, of.patch, scale=patch_values**-0.5),
        **norm("ln_pre"),
    }
    if of.frames > 1:
        state["temporal_positional_embedding"] = normal(1, of.frames, width, scale=0.3)
    for layer in range(of.layers):
        block = f"transformer.resblocks.{layer}"
        state |= norm(f"{block}.ln_1") | norm(f"{block}.ln_2")
        inside = f"{block}.attn.in_proj"
        state |= linear(f"{inside}_weight", f"{inside}_bias", 3 * width, width, gain=1.2)
        for name, outputs, inputs, gain in [
            ("attn.out_proj", width, width, 0.5),
            ("mlp.c_fc", 4 * width, width, 1.0),
            ("mlp.c_proj", width, 4 * width, 0.5),
        ]:
            name = f"{block}.{name}"
            state |= linear(f"{name}.weight", f"{name}.bias", outputs, inputs, gain)
        if layer == 2:
            state[f"{block}.mlp.c_proj.bias"][outliers] = torch.tensor([80.0, -60.0, 40.0, -40.0])
    return state


def load(model: VisionTransformer, state: dict[str, torch.Tensor]) -> VisionTransformer:
    """Fills a module from a checkpoint with OpenAI's or DINOv2's names."""
    of = model.of
    if of.is_dinov2:
        state = from_dinov2(of, state)
    renamed = {}
    for name, tensor in state.items():
        name = name.replace("transformer.resblocks", "blocks").replace("mlp.", "")
        name = name.replace("in_proj_", "in_proj.")
        if name == "temporal_positional_embedding":
            tensor = tensor.reshape(of.frames, of.width)
        renamed[name] = tensor.float()
    # A module with fewer blocks leaves the others out.
    known = model.state_dict().keys()
    model.load_state_dict({name: renamed[name] for name in known})
    return model.eval()


def from_dinov2(of: Architecture, state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Renames Hugging Face's tensors, and brings the positions to the grid that is used."""
    state = {name[name.find("embeddings.") if "embeddings." in name else 0 :]: tensor
             for name, tensor in state.items()}
    positions = state["embeddings.position_embeddings"].float().reshape(1, -1, of.width)
    grid = positions[:, 1:].reshape(1, of.position_grid, of.position_grid, of.width)
    grid = F.interpolate(
        grid.permute(0, 3, 1, 2), size=(of.grid, of.grid), mode="bicubic", align_corners=False
    )
    grid = grid.permute(0, 2, 3, 1).reshape(-1, of.width)
    made = {
        "class_embedding": state["embeddings.cls_token"].reshape(-1),
        "positional_embedding": torch.cat([positions[0, :1], grid]),
        "conv1.weight": state["embeddings.patch_embeddings.projection.weight"],
        "conv1.bias": state["embeddings.patch_embeddings.projection.bias"],
    }
    for kind in ["weight", "bias"]:
        made[f"norm.{kind}"] = next(
            tensor for name, tensor in state.items() if name.endswith(f"layernorm.{kind}")
        )
    prefix = next(name for name in state if "encoder.layer.0." in name).split("encoder.layer.0.")[0]
    for layer in range(of.layers):
        old, new = f"{prefix}encoder.layer.{layer}", f"blocks.{layer}"
        for kind in ["weight", "bias"]:
            made[f"{new}.attn.in_proj.{kind}"] = torch.cat(
                [state[f"{old}.attention.attention.{role}.{kind}"] for role in ["query", "key", "value"]]
            )
            for ours, theirs in [
                ("attn.out_proj", "attention.output.dense"), ("ln_1", "norm1"), ("ln_2", "norm2"),
                ("c_fc", "mlp.fc1"), ("c_proj", "mlp.fc2"),
            ]:
                made[f"{new}.{ours}.{kind}"] = state[f"{old}.{theirs}.{kind}"]
        for number in [1, 2]:
            made[f"{new}.scale_{number}.lambda1"] = state[f"{old}.layer_scale{number}.lambda1"]
    return made
