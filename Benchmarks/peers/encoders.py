"""Measures ganrm's encoders against PyTorch, ONNX Runtime and OpenVINO: scripts/bench-peers calls it.

The same weights, pixels, threads, precision and CPU level for all. Each runtime is first tried at several settings
and keeps the fastest; then all take turns, so that each meets the same neighbours on a shared machine, and the
medians are compared. Outputs must agree before anything is measured; int8 is as accurate as it is, and its accuracy
is kept with the times.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import threading

import accuracy
import footage
import levels
import numpy as np
import results
import torch
from models import ARCHITECTURES, made_up_weights, module
from nets import MODULES as NETS
from safetensors.numpy import save_file as save_numpy
from safetensors.torch import load_file, save_file

PACKAGES = ["torch", "onnxruntime", "openvino", "nncf"]
folder = results.root / ".build/peers"

# Clips of one run, by encoder.
CLIPS = {
    "viclip-base-patch16": 2,
    "viclip-large-patch14": 2,
    "clip-vit-base-patch32": 16,
    "dinov2-small-imgfocus": 16,
    "inception-v3-fid": 8,
    "i3d-kinetics400": 2,
    "open-nsfw": 16,
}

# Clips to calibrate int8 with, and clips on which accuracy is measured.
CALIBRATION = {
    "viclip-base-patch16": 8,
    "viclip-large-patch14": 4,
    "clip-vit-base-patch32": 128,
    "dinov2-small-imgfocus": 128,
}
ACCURACY = {
    "viclip-base-patch16": 12,
    "viclip-large-patch14": 6,
    "clip-vit-base-patch32": 64,
    "dinov2-small-imgfocus": 64,
    "inception-v3-fid": 16,
    "i3d-kinetics400": 4,
    "open-nsfw": 16,
}


def variants(runtime, precision, level, name):
    """Settings to choose from."""
    if name in NETS and runtime == "pytorch":
        channels_last = ["eager-channels-last", "compile-channels-last"] if ARCHITECTURES[name].frames == 1 else []
        return ["eager", "compile", *channels_last]
    if name in NETS and runtime == "onnxruntime":
        return ["plain"]
    openvino = ["latency", "latency-onnx", "throughput", "throughput-onnx"]
    known = {
        ("pytorch", "f32"): ["eager", "compile"],
        ("pytorch", "bf16"): ["eager", "autocast", "compile", "compile-autocast"],
        ("onnxruntime", "f32"): ["plain", "fused"],
        ("onnxruntime", "int8"): ["dynamic-plain", "dynamic-fused", "static-plain", "static-fused"],
        ("openvino", "f32"): openvino,
        ("openvino", "bf16"): openvino,
        # What is not quantized may be bf16.
        ("openvino", "int8"): openvino + [f"{name}-bf16" for name in openvino if level in levels.HAVE_BF16],
    }
    return known.get((runtime, precision), [])


# Smallest cosine of the embeddings to PyTorch's in f32 that is asked for.
AGREEMENT = {"f32": 0.99999, "bf16": 0.998, "int8": None}


class Ganrm:
    """One `ganrm bench` for each round."""

    variant = None

    def __init__(self, program, name, weights, precision, clips, threads, held):
        self.program, self.held = str(program), held
        self.arguments = ["--encoder", name, "--weights", str(weights), "--precision", precision]
        self.arguments += ["--threads", str(threads)]
        self.of = ARCHITECTURES[name]
        self.clips = clips
        self.last = None

    def run(self, count):
        words = [self.program, "bench", *self.arguments, "--frames", str(self.of.frames)]
        words += ["--batch", str(self.clips), "--runs", str(count), "--json"]
        made = subprocess.run(words, capture_output=True, text=True, env=self.held.environment)
        if made.returncode:
            raise RuntimeError(made.stderr.strip())
        self.last = json.loads(made.stdout)
        return self.last["encode"]["seconds_per_clip"]

    def embed(self, frames):
        """Of prepared frames, [clips, frames, side, side, 3] bytes."""
        source, target = folder / "frames.safetensors", folder / "embeddings.safetensors"
        save_numpy({"frames": frames}, source)
        words = [self.program, "encode", *self.arguments, "--no-store", "--pixels", "--per", "clip"]
        subprocess.run([*words, str(source), "-o", str(target), "-q"], check=True, env=self.held.environment)
        return load_file(target)["embeddings"].numpy()

    def close(self):
        pass


class Peer:
    """A process of `peer.py`."""

    # Seconds after which an answer is no longer waited for; calibrating the large encoder takes minutes.
    PATIENCE = 1800

    def __init__(self, runtime, precision, variant, name, weights, clips, threads, held):
        self.variant = variant
        self.log = open(folder / f"{runtime}.log", "a")
        words = [runtime, precision, variant, name, str(weights), str(clips), str(threads), held.level]
        words.append(str(folder / "exported"))
        self.process = subprocess.Popen(
            [sys.executable, str(pathlib.Path(__file__).with_name("peer.py")), *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True,
            env=held.environment,
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
        if name == "dinov2-small-imgfocus":
            shutil.copy(cached, path)
        else:
            save_file(made_up_weights(name), path)
    return path


def prepare(name, options):
    """Writes the pixels for calibration; returns the weights, the clips for accuracy and what PyTorch makes of them."""
    of = ARCHITECTURES[name]
    weights = weights_of(name, options.default_weights)
    exported = folder / "exported"
    exported.mkdir(exist_ok=True)
    # Models that are calibrated with these are kept as well.
    calibration = exported / f"calibration-{name}.npy"
    if name in CALIBRATION and not calibration.exists():
        clips = footage.clips(options.footage, of, options.calibration or CALIBRATION[name], is_calibration=True)
        np.save(calibration, footage.normalized(of, clips))
    frames = footage.clips(options.footage, of, ACCURACY[name], is_calibration=False)
    reference = exported / f"reference-{name}.npy"
    if not reference.exists():
        encoder = module(name, load_file(weights))
        pixels = torch.from_numpy(footage.normalized(of, frames))
        with torch.inference_mode():
            made = [encoder(batch).numpy() for batch in pixels.split(CLIPS[name] * of.frames)]
        np.save(reference, np.concatenate(made))
    return weights, frames, np.load(reference)


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


def measure(name, precision, held, options):
    of, clips = ARCHITECTURES[name], CLIPS[name]
    weights, frames, reference = prepare(name, options)
    arguments = (name, weights, clips, options.threads, held)
    choices = folder / "variants.json"
    known = json.loads(choices.read_text()) if choices.exists() else {}
    sides = {}
    ours = Ganrm(options.ganrm, name, weights, precision, clips, options.threads, held)
    try:
        ours.run(1)
        sides["ganrm"] = ours
    except RuntimeError as error:
        print(f"  ganrm {precision}: {error}", file=sys.stderr)
    for runtime in options.runtimes:
        if not held.holds(runtime):
            print(f"  {runtime} is left out: nothing here holds it to {held.level}", file=sys.stderr)
            continue
        # The large encoder takes what was best for the base one: trying takes minutes.
        key = f"{runtime} {precision} {held.level} {name.replace('large-patch14', 'base-patch16')}"
        tried = variants(runtime, precision, held.level, name)
        if options.settings:
            tried = [variant for variant in tried if variant in options.settings]
        elif key in known and not options.choose:
            tried = [known[key]]
        if tried and (peer := choose(runtime, precision, arguments, tried)):
            known[key] = peer.variant
            choices.write_text(json.dumps(known, indent=1))
            sides[runtime] = peer

    pixels = footage.normalized(of, frames)
    found = {}
    for runtime, side in sides.items():
        found[runtime] = accuracy.agreement(
            side.embed(frames if runtime == "ganrm" else pixels), reference, of.parts)
        print(f"  {runtime}: {found[runtime]}", file=sys.stderr)
        asked, smallest = AGREEMENT[precision], found[runtime]["smallest_cosine"]
        if asked and smallest < asked:
            sys.exit(f"bench-peers: {runtime} disagrees on {name} in {precision}: cosine {smallest:.6f}")

    seconds = {runtime: [] for runtime in sides}
    loads = []
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
        entry = {
            "encoder": name, "precision": precision, "level": held.level, "held_by": held.means, "clips": clips,
            "threads": options.threads, "load": statistics.median(loads),
            "runtimes": {
                runtime: {
                    "setting": side.variant, "seconds_per_clip": results.seconds_of(seconds[runtime]),
                    "accuracy": found[runtime],
                }
                for runtime, side in sides.items()
            },
        }
        if ours.last:
            encode = ours.last["encode"]
            entry["profile"] = {key: encode[key] for key in ["gflops", "peak_gflops", "layers"]}
            # The level that ganrm has computed with; it may have none for the newest instructions.
            entry["kernels"] = ours.last.get("kernels")
        results.keep("encoders", entry, options)
    for side in sides.values():
        side.close()


def precisions(name, level, asked):
    """bf16 is left out by default where the processor has to emulate it; nets are f32."""
    if name in NETS:
        return [precision for precision in asked or ["f32"] if precision == "f32"]
    if asked:
        return asked
    return list(AGREEMENT) if level in levels.HAVE_BF16 else ["f32", "int8"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    results.add_options(parser, PACKAGES)
    levels.add_option(parser)
    parser.add_argument("--encoders", nargs="*", choices=list(CLIPS), default=list(CLIPS))
    parser.add_argument(
        "--precisions", nargs="*", choices=list(AGREEMENT), help="(default: all that the level has instructions for)")
    parser.add_argument(
        "--runtimes", nargs="*", default=["pytorch", "onnxruntime", "openvino"], help="peers (default: all)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=2, help="in each round")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--settings", nargs="*", help="of the peers, to choose from (default: all)")
    parser.add_argument("--calibration", type=int, help="clips to calibrate with (default: depends on the encoder)")
    parser.add_argument("--choose", action="store_true", help="try the peers' settings anew")
    parser.add_argument("--default-weights", required=True, help="weights of the default encoder")
    parser.add_argument("--footage", type=pathlib.Path, required=True, help="videos that make demo fetches")
    options = parser.parse_args()
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    for name in options.encoders:
        for held in levels.chosen(options.levels, folder):
            for precision in precisions(name, held.level, options.precisions):
                print(f"{name} {precision} {held.level}", file=sys.stderr)
                measure(name, precision, held, options)


if __name__ == "__main__":
    main()
