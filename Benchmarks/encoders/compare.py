"""Times the encoders against PyTorch, alternating, at the same precision and thread count.

    swift build -c release --product EncoderBenchmark
    python Benchmarks/encoders/compare.py --viclip PATH/TO/InternVideo/Data/InternVid/viclip

Needs torch, transformers, safetensors, numpy, timm and einops from PyPI and a checkout of
https://github.com/OpenGVLab/InternVideo. Weights are the tests' made-up ones; both sides get the
same weights and pixels. Each round is one process per side, A B A
B; a row shows the median, fastest and slowest run of each side and the ratio of the medians.
"""

import argparse
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

root = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(root / "Tests/EncodersTests/Golden"))

import numpy as np
import torch
from make_golden import fill, load_viclip, pooled
from safetensors.torch import load_file, save_file
from transformers import CLIPVisionConfig, CLIPVisionModel, Dinov2Config, Dinov2Model

torch.set_grad_enabled(False)

# Name, clips per batch.
ROWS = [
    ("clip-vit-base-patch32", 16),
    ("dinov2-small-patch14", 8),
    ("viclip-base-patch16", 1),
    ("viclip-large-patch14", 1),
]


def model_of(name: str, viclip):
    clip = dict(image_size=224, hidden_act="quick_gelu")
    match name:
        case "clip-vit-base-patch32":
            return CLIPVisionModel(
                CLIPVisionConfig(
                    hidden_size=768, intermediate_size=3072, num_hidden_layers=12,
                    num_attention_heads=12, patch_size=32, **clip,
                )
            )
        case "clip-vit-large-patch14":
            return CLIPVisionModel(
                CLIPVisionConfig(
                    hidden_size=1024, intermediate_size=4096, num_hidden_layers=24,
                    num_attention_heads=16, patch_size=14, **clip,
                )
            )
        case "dinov2-small-patch14":
            return Dinov2Model(
                Dinov2Config(
                    hidden_size=384, num_hidden_layers=12, num_attention_heads=6, image_size=518,
                    patch_size=14,
                )
            )
        case "viclip-base-patch16":
            return viclip.clip_joint_b16()
        case "viclip-large-patch14":
            return viclip.clip_joint_l14()


def time_torch(arguments):
    """One round on PyTorch's side; prints seconds per run."""
    torch.set_num_threads(arguments.threads)
    name, clips = arguments.torch, arguments.clips
    model = model_of(name, load_viclip(arguments.viclip))
    model.load_state_dict(load_file(arguments.weights))
    kind = torch.bfloat16 if arguments.precision == "bf16" else torch.float32
    model = model.to(kind).eval()
    video = name.startswith("viclip")
    frames = 8 if video else 1
    count = frames * 3 * 224 * 224
    numbers = np.arange(count, dtype=np.int64) * 7919
    batch = np.stack([(numbers + clip * 104729) % 2003 for clip in range(clips)])
    pixels = torch.from_numpy(batch.astype(np.float32) / np.float32(1001) - np.float32(1))
    pixels = pixels.reshape(clips, frames, 3, 224, 224).to(kind)
    tokens = []
    if video:
        # What the last block gives; what the reference does with it later is not timed long.
        model.transformer.resblocks[-1].register_forward_hook(
            lambda _, __, out: tokens.append(out.permute(1, 0, 2))
        )

    def run():
        tokens.clear()
        if video:
            model(pixels.permute(0, 2, 1, 3, 4))
            return pooled(tokens[0])
        return pooled(model(pixel_values=pixels[:, 0]).last_hidden_state)

    run()
    seconds = []
    for _ in range(arguments.runs):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    print(" ".join(f"{second:.5f}" for second in seconds))


def seconds_of(command: list[str]) -> list[float]:
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [float(word) for word in output.splitlines()[-1].split()]


def compare(arguments):
    binary = root / ".build/release/EncoderBenchmark"
    commit = subprocess.run(
        ["git", "-C", root, "rev-parse", "--short", "HEAD"], capture_output=True, text=True
    ).stdout.strip()
    cpu = next(
        (line.split(":")[1].strip() for line in open("/proc/cpuinfo") if "model name" in line),
        platform.processor(),
    )
    print(f"{cpu}, {arguments.threads} threads, {arguments.precision}, commit {commit}, ", end="")
    print(f"PyTorch {torch.__version__}, {arguments.rounds} rounds of {arguments.runs} runs")
    print(f"{'encoder':24} {'clips':>5} {'ours s':>22} {'PyTorch s':>22} {'ours/PyTorch':>12}")
    viclip = load_viclip(arguments.viclip)
    common = [str(arguments.threads), arguments.precision, str(arguments.runs)]
    for name, clips in ROWS:
        if arguments.only and name not in arguments.only:
            continue
        with tempfile.TemporaryDirectory() as folder:
            weights = f"{folder}/{name}.safetensors"
            save_file(fill(model_of(name, viclip), name), weights)
            ours, theirs = [], []
            for _ in range(arguments.rounds):
                ours += seconds_of([str(binary), name, weights, str(clips), *common])
                theirs += seconds_of(
                    [
                        sys.executable, __file__, "--viclip", str(arguments.viclip), "--torch",
                        name, "--weights", weights, "--clips", str(clips), "--threads", common[0],
                        "--precision", common[1], "--runs", common[2],
                    ]
                )

        def spread(seconds):
            return f"{statistics.median(seconds):.3f} ({min(seconds):.3f}-{max(seconds):.3f})"

        ratio = statistics.median(ours) / statistics.median(theirs)
        print(f"{name:24} {clips:5} {spread(ours):>22} {spread(theirs):>22} {ratio:12.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--viclip", type=pathlib.Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--precision", choices=["f32", "bf16"], default="f32")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", nargs="*", help="encoder names")
    parser.add_argument("--torch", help=argparse.SUPPRESS)
    parser.add_argument("--weights", help=argparse.SUPPRESS)
    parser.add_argument("--clips", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.torch:
        time_torch(arguments)
    else:
        compare(arguments)
