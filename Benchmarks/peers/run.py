"""Measures ganrm's encoders against PyTorch, ONNX Runtime and OpenVINO: scripts/bench-peers calls it.

The same weights, pixels, threads and precision for all. Each runtime is first tried at several settings and
keeps the fastest; then all take turns, so that each meets the same neighbours on a shared machine, and the
medians are compared. Outputs must agree before anything is measured. Results are kept in .build/peers/results, a
file for each encoder and precision; `report.py` makes the table of them.
"""

import argparse
import datetime
import importlib.metadata
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import threading

import numpy as np
import torch
from models import ARCHITECTURES, VisionTransformer, load, made_up_weights
from safetensors.numpy import save_file as save_numpy
from safetensors.torch import load_file, save_file

root = pathlib.Path(__file__).resolve().parents[2]
folder = root / ".build/peers"
# What `make install` copies.
ganrm = root / ".build/dist/ganrm"

# Clips of one run, by encoder.
CLIPS = {
    "viclip-base-patch16": 2,
    "viclip-large-patch14": 2,
    "clip-vit-base-patch32": 16,
    "dinov2-small-imgfocus": 16,
}

# Settings to choose from.
VARIANTS = {
    ("pytorch", "f32"): ["eager", "compile"],
    ("pytorch", "bf16"): ["eager", "autocast", "compile", "compile-autocast"],
    ("onnxruntime", "f32"): ["plain", "fused"],
    ("onnxruntime", "int8"): ["plain", "fused"],
    ("openvino", "f32"): ["latency", "latency-onnx", "throughput", "throughput-onnx"],
    ("openvino", "bf16"): ["latency", "latency-onnx", "throughput", "throughput-onnx"],
}

# Cosine of the embeddings to PyTorch's in f32 that is asked for. ONNX Runtime's int8, on weights with outliers as
# trained ones have, is what it is.
AGREEMENT = {"f32": 0.99999, "bf16": 0.998, "int8": None}


class Ganrm:
    """One `ganrm bench` for each round."""

    def __init__(self, name, weights, precision, clips, threads):
        self.arguments = ["--encoder", name, "--weights", str(weights), "--precision", precision]
        self.arguments += ["--threads", str(threads)]
        self.of = ARCHITECTURES[name]
        self.clips = clips
        self.last = None

    def run(self, count):
        words = [str(ganrm), "bench", *self.arguments, "--frames", str(self.of.frames)]
        words += ["--batch", str(self.clips), "--runs", str(count), "--json"]
        made = subprocess.run(words, capture_output=True, text=True)
        if made.returncode:
            raise RuntimeError(made.stderr.strip())
        self.last = json.loads(made.stdout)
        return self.last["encode"]["seconds_per_clip"]

    def embed(self, frames):
        """Of prepared frames, [clips, frames, side, side, 3] bytes."""
        source, target = folder / "frames.safetensors", folder / "embeddings.safetensors"
        save_numpy({"frames": frames}, source)
        words = [str(ganrm), "encode", *self.arguments, "--no-store", "--pixels", "--per", "clip"]
        subprocess.run([*words, str(source), "-o", str(target), "-q"], check=True)
        return load_file(target)["embeddings"].numpy()

    def close(self):
        pass


class Peer:
    """A process of `peer.py`."""

    # Seconds after which an answer is no longer waited for.
    PATIENCE = 600

    def __init__(self, runtime, precision, variant, name, weights, clips, threads):
        self.variant = variant
        exported = folder / "exported"
        exported.mkdir(exist_ok=True)
        self.log = open(folder / f"{runtime}.log", "a")
        words = [runtime, precision, variant, name, str(weights), str(clips), str(threads), str(exported)]
        self.process = subprocess.Popen(
            [sys.executable, str(pathlib.Path(__file__).with_name("peer.py")), *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True,
        )
        self.answer()

    def answer(self):
        timer = threading.Timer(self.PATIENCE, self.process.kill)
        timer.start()
        line = self.process.stdout.readline()
        timer.cancel()
        if not line:
            raise RuntimeError(f"{self.variant} failed; see {self.log.name}")
        return json.loads(line)

    def ask(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()
        return self.answer()

    def run(self, count):
        return self.ask(str(count))

    def embed(self, pixels):
        source, target = folder / "pixels.npy", folder / "embedding.npy"
        np.save(source, pixels)
        self.ask(f"embed {source} {target}")
        return np.load(target)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def weights_of(name, cached):
    """Weights in a file: the real ones of the default encoder, made-up ones of the others."""
    path = folder / f"weights/{name}.safetensors"
    path.parent.mkdir(exist_ok=True)
    if not path.exists():
        if ARCHITECTURES[name].is_dinov2:
            shutil.copy(cached, path)
        else:
            save_file(made_up_weights(ARCHITECTURES[name]), path)
    return path


def prepared_frames(of, clips):
    """Pictures with something in them: gradients, edges, noise; the frames of a clip move."""
    draw = np.random.default_rng(1)
    y, x = np.mgrid[0 : of.image, 0 : of.image] / of.image
    made = []
    for clip in range(clips):
        waves = draw.uniform(1, 12, (3, 2))
        for frame in range(of.frames):
            shift = frame / 20 + clip
            picture = np.stack([np.sin(6 * (a * x + b * y) + shift) for a, b in waves], axis=2)
            picture[(x - 0.5 - 0.02 * frame) ** 2 + (y - 0.5) ** 2 < 0.05] *= -1
            picture = 128 + 90 * picture + draw.normal(0, 12, picture.shape)
            made.append(np.clip(picture, 0, 255).astype(np.uint8))
    return np.stack(made).reshape(clips, of.frames, of.image, of.image, 3)


def normalised(of, frames, name):
    """What the encoder's own preparation makes of bytes: [clips * frames, 3, side, side]."""
    is_clip = name.startswith("clip")
    mean = [0.48145466, 0.4578275, 0.40821073] if is_clip else [0.485, 0.456, 0.406]
    deviation = [0.26862954, 0.26130258, 0.27577711] if is_clip else [0.229, 0.224, 0.225]
    pixels = frames.reshape(-1, of.image, of.image, 3).astype(np.float32) / 255
    pixels = (pixels - np.float32(mean)) / np.float32(deviation)
    return np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))


def cosine(made, reference):
    """The smallest over the clips, of CLS and mean apart: one must not hide the other."""
    half = made.shape[1] // 2
    least = 1.0
    for part in (slice(0, half), slice(half, None)):
        a, b = made[:, part].astype(np.float64), reference[:, part].astype(np.float64)
        norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
        least = min(least, float(((a * b).sum(1) / norms).min()))
    return least


def choose(runtime, precision, arguments, tried):
    """The fastest variant of a runtime, still running."""
    best, best_seconds = None, None
    for variant in tried:
        try:
            peer = Peer(runtime, precision, variant, *arguments)
            peer.run(1)
            seconds = min(peer.run(2))
        except (RuntimeError, BrokenPipeError) as error:
            print(f"  {runtime} {precision} {variant}: {error}", file=sys.stderr)
            continue
        print(f"  {runtime} {precision} {variant}: {seconds:.4f} s", file=sys.stderr)
        if best is None or seconds < best_seconds:
            if best:
                best.close()
            best, best_seconds = peer, seconds
        else:
            peer.close()
    return best


def measure(name, precision, options):
    of = ARCHITECTURES[name]
    weights = weights_of(name, options.default_weights)
    clips = CLIPS[name]
    arguments = (name, weights, clips, options.threads)
    choices = folder / "variants.json"
    known = json.loads(choices.read_text()) if choices.exists() else {}
    sides = {}
    ours = Ganrm(name, weights, precision, clips, options.threads)
    try:
        ours.run(1)
        sides["ganrm"] = ours
    except RuntimeError as error:
        print(f"  ganrm {precision}: {error}", file=sys.stderr)
    for (runtime, kind), variants in VARIANTS.items():
        if kind != precision or (options.runtimes and runtime not in options.runtimes):
            continue
        # The large encoder takes what was best for the base one: trying takes minutes.
        key = f"{runtime} {precision} {name.replace('large-patch14', 'base-patch16')}"
        tried = [known[key]] if key in known and not options.choose else variants
        if peer := choose(runtime, precision, arguments, tried):
            known[key] = peer.variant
            choices.write_text(json.dumps(known, indent=1))
            sides[runtime] = peer

    frames = prepared_frames(of, clips)
    pixels = normalised(of, frames, name)
    torch.set_num_threads(options.threads)
    with torch.inference_mode():
        module = load(VisionTransformer(of), load_file(weights))
        reference = module(torch.from_numpy(pixels)).numpy()
        del module
    cosines = {}
    for runtime, side in sides.items():
        cosines[runtime] = cosine(side.embed(frames if runtime == "ganrm" else pixels), reference)
        asked = AGREEMENT[precision]
        if asked and cosines[runtime] < asked:
            sys.exit(f"bench-peers: {runtime} disagrees on {name} in {precision}: cosine {cosines[runtime]:.6f}")

    seconds = {runtime: [] for runtime in sides}
    loads = []
    target = folder / f"results/{name}-{precision}.json"
    target.parent.mkdir(exist_ok=True)
    for round in range(options.rounds):
        loads.append(os.getloadavg()[0])
        for runtime, side in sides.items():
            seconds[runtime] += side.run(options.runs)
        print(
            f"  round {round + 1}: "
            + ", ".join(f"{key} {statistics.median(value):.4f} s" for key, value in seconds.items()),
            file=sys.stderr,
        )
        # After each round: an interrupted measurement is worth what it has.
        result = {
            "encoder": name, "precision": precision, "clips": clips, "threads": options.threads,
            **surroundings(), "load": statistics.median(loads), "cosines": cosines, "seconds": seconds, "ganrm": ours.last,
            "variants": {key: side.variant for key, side in sides.items() if key != "ganrm"},
        }
        target.write_text(json.dumps(result, indent=1))
    for side in sides.values():
        side.close()


def surroundings():
    """Where and with what something is measured."""
    date = datetime.date.today().isoformat()
    return {"machine": machine(), "versions": versions(), "commit": commit(), "date": date}


def machine():
    facts = dict(
        (part.strip() for part in line.split(":", 1)) for line in open("/proc/cpuinfo") if ":" in line
    )
    name = facts.get("model name", platform.machine())
    # Virtual machines hide the model's name: AMD's families 25 and 26 are Zen 4 and Zen 5 if they have AVX-512.
    if "cpu family" in facts:
        name += f" (family {facts['cpu family']}, model {facts['model']})"
    return f"{name}, {os.cpu_count()} processors"


def versions():
    found = {name: importlib.metadata.version(name) for name in ["torch", "onnxruntime", "openvino"]}
    text = subprocess.run([str(ganrm), "--version"], capture_output=True, text=True).stdout.strip()
    return {"ganrm": text, **found}


def commit():
    """What is measured; the page that the measuring redraws is no part of it."""
    git = ["git", "-C", str(root)]
    name = subprocess.run([*git, "describe", "--always"], capture_output=True, text=True).stdout.strip()
    changed = subprocess.run([*git, "diff", "--quiet", "HEAD", "--", ".", ":!docs/performance.md"]).returncode
    return name + "-dirty" if changed else name


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--encoders", nargs="*", choices=list(CLIPS), default=list(CLIPS))
    parser.add_argument("--precisions", nargs="*", choices=list(AGREEMENT), default=list(AGREEMENT))
    parser.add_argument("--runtimes", nargs="*", help="peers (default: all)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=2, help="in each round")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--choose", action="store_true", help="try the peers' settings anew")
    parser.add_argument("--default-weights", required=True, help="weights of the default encoder")
    options = parser.parse_args()
    folder.mkdir(parents=True, exist_ok=True)
    for name in options.encoders:
        for precision in options.precisions:
            print(f"{name} {precision}", file=sys.stderr)
            measure(name, precision, options)
