"""Writes the checkpoints that the tests read, and the same tensors as safetensors.

    python3 make.py          (PyTorch, transformers, onnx and safetensors from PyPI)

The files are committed; run this script again only to add a case. It is seeded, but zip time
stamps and exporter versions may change bytes without changing a value.
"""

import collections
import fractions
import os
import zipfile

import onnx
import torch
from safetensors.torch import save_file
from transformers import Dinov2Config, Dinov2Model

os.chdir(os.path.dirname(os.path.abspath(__file__)))
torch.manual_seed(7)


def contiguous(tensors):
    return {name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}


# A training checkpoint: the weights under "model", beside entries that no encoder needs.
shared = torch.randn(4, 6)
model = collections.OrderedDict(
    f32=torch.randn(3, 5),
    f64=torch.randn(2, 2, dtype=torch.float64),
    f16=torch.randn(7).half(),
    bf16=torch.randn(2, 3, 2).bfloat16(),
    i64=torch.tensor([1, -2, 1 << 40]),
    i32=torch.tensor([-7], dtype=torch.int32),
    i16=torch.tensor([300, -300], dtype=torch.int16),
    i8=torch.tensor([-128, 127], dtype=torch.int8),
    u8=torch.tensor([0, 255], dtype=torch.uint8),
    flags=torch.tensor([True, False, True]),
    scalar=torch.tensor(2.5),
    empty=torch.zeros(0, 3),
    transposed=torch.randn(3, 4).t(),
    permuted=torch.randn(2, 3, 4).permute(2, 0, 1),
    every_other=torch.randn(10)[1::2],
    expanded=torch.randn(1, 3).expand(2, 3),
    shared=shared,
    shared_row=shared[2],
    shared_column=shared[:, 1],
    parameter=torch.nn.Parameter(torch.randn(2)),
)
model._metadata = collections.OrderedDict({"": {"version": 1}})
extra = {"epoch": 3, "lr": 1e-4, "name": "tiny", "done": False, "best": None, "betas": (0.9, 0.99)}
torch.save(
    {"model": model, "optimizer": {"state": {0: {"exp_avg": torch.randn(2)}}}, **extra},
    "training.pth",
)
save_file(contiguous(model), "training.safetensors")

# A plain state dict, in the current format and in that of PyTorch before 1.6.
layers = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.BatchNorm1d(4))
torch.save(layers.state_dict(), "plain.pth")
torch.save(layers.state_dict(), "legacy.pth", _use_new_zipfile_serialization=False)
save_file(contiguous(layers.state_dict()), "plain.safetensors")

# A TorchScript archive, as OpenAI publishes CLIP.
layers.half()
torch.jit.script(layers).save("script.pt")
save_file(contiguous(layers.state_dict()), "script.safetensors")

# A checkpoint with a global that is not allowed.
torch.save({"model": {"w": torch.zeros(1)}, "rate": fractions.Fraction(1, 3)}, "fraction.pth")


class Focus(torch.nn.Module):
    """A head on a DINOv2 backbone, as in the default encoder's file."""

    def __init__(self):
        super().__init__()
        self.backbone = Dinov2Model(
            Dinov2Config(
                hidden_size=8, num_hidden_layers=2, num_attention_heads=2, mlp_ratio=2,
                image_size=42, patch_size=14, layer_norm_eps=1e-6,
            )
        )
        self.head = torch.nn.Linear(8, 1)

    def forward(self, pixels):
        return self.head(self.backbone(pixels).last_hidden_state)


focus = Focus().eval()
for parameter in focus.parameters():
    torch.nn.init.normal_(parameter)
torch.onnx.export(
    focus, torch.randn(1, 3, 28, 28), "dinov2.onnx", dynamo=False, opset_version=14,
    input_names=["pixels"], output_names=["importance"],
)
weights = contiguous(focus.backbone.state_dict())
del weights["embeddings.mask_token"]
save_file(weights, "dinov2.safetensors")

# Weights as external data, in a file that is missing.
joined = onnx.load("dinov2.onnx")
onnx.save(joined, "external.onnx", save_as_external_data=True, location="gone", size_threshold=0)
os.remove("gone")

# Zip archives written by another implementation.
content = " ".join(str(i) for i in range(5000)).encode()
for name, method in ("stored", zipfile.ZIP_STORED), ("deflated", zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(f"{name}.zip", "w", method) as archive:
        archive.writestr("a/b.txt", content)
with zipfile.ZipFile("compressed.pth", "w", zipfile.ZIP_DEFLATED) as archive:
    with zipfile.ZipFile("plain.pth") as plain:
        for member in plain.namelist():
            archive.writestr(member, plain.read(member))
