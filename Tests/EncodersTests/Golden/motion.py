"""Writes the golden values of motion features with the reference implementations and NumPy.

    python motion.py --viclip PATH/TO/InternVideo/Data/InternVid/viclip

Requirements are those of `make_golden.py`. Writes `motion.safetensors` beside this file: clips of 8 frames for the
tiny models (`tiny-*.safetensors`), and the 24 features of their patch tokens after block 2, in bursts of 4 frames.

Tokens and features are computed in float64. The features follow their definitions (doc comment of
`MotionFeatures`) with median, std and quantile of NumPy.
"""

import argparse
import pathlib

import numpy as np
import torch
from make_golden import load_viclip
from safetensors.torch import load_file, save_file
from transformers import Dinov2Config, Dinov2Model

here = pathlib.Path(__file__).parent
torch.set_grad_enabled(False)
BURST, BLOCK, FLOOR = 4, 2, 0.1


def clips(side):
    """Clips with steady, uneven, shuffled and no motion, [4, 8, 3, side, side]."""
    random = np.random.default_rng(5)
    base, direction = random.normal(size=(2, 3, side, side))
    noise = random.normal(size=(8, 3, side, side))

    def clip(times, noisy=0.03):
        return np.stack([base + t * direction + noisy * noise[i] for i, t in enumerate(times)])

    return np.stack([
        clip(np.arange(8) / 8), clip(np.array([0, 0, 1, 5, 5, 5, 6, 9]) / 8),
        clip(np.array([3, 0, 2, 1, 7, 4, 6, 5]) / 8), clip(np.zeros(8), 0)]).astype(np.float32)


def features(tokens):
    """Motion features of patch tokens: [frames, patches, width] -> [24]."""
    bursts = [tokens[i:i + BURST] for i in range(0, len(tokens), BURST)]
    norm = np.mean(np.sum(np.square(tokens), -1))
    length = lambda x: np.linalg.norm(x, axis=-1) / np.sqrt(norm)
    steps, turns, seconds, far, ordered, straight, changes = [], [], [], {2: [], 3: []}, [], [], []
    for burst in bursts:
        step = np.diff(burst, axis=0)
        s = length(step)
        dot = np.sum(step[:-1] * step[1:], -1) / norm
        turns.append(dot / np.sqrt(s[:-1] ** 2 * s[1:] ** 2 + 1e-10))
        seconds.append(length(np.diff(burst, n=2, axis=0)))
        steps.append(s)
        changes.append(np.abs(np.diff(np.log(s.mean(1) + FLOOR))))
        distance = length(burst[:, None] - burst[None]).mean(-1)
        for apart in far:
            far[apart].append(np.diagonal(distance, apart))
        nearest = np.argmin(distance + 1e9 * np.eye(len(burst)), 1)
        ordered.append(np.mean(np.abs(nearest - np.arange(len(burst))) == 1))
        straight.append(distance[0, -1] / (s.mean(1).sum() + FLOOR))
    s, c, e = (np.concatenate(x) for x in (steps, turns, seconds))
    S, C, E = s.mean(1), c.mean(1), e.mean(1)
    M = np.median(S) + FLOOR
    logs, change = np.log(S + FLOOR), np.concatenate(changes)
    uneven = s.std(0) / (s.mean(0) + FLOOR)
    return np.array([
        logs.std(), logs.min() - np.log(M), logs.max() - np.log(M), change.mean(), change.max(),
        C.mean(), C.std(), C.min(), C.max(),
        np.log((np.median(E) + FLOOR) / M), np.log((E.max() + FLOOR) / (np.median(E) + FLOOR)),
        *(np.log((np.median(np.concatenate(far[k])) + FLOOR) / M) for k in (2, 3)),
        np.mean(ordered), np.mean(straight),
        s.mean(0).std() / (s.mean() + FLOOR), np.quantile(uneven, 0.5), np.quantile(uneven, 0.9),
        *(np.log((np.quantile(s, q) + FLOOR) / (np.median(s) + FLOOR)) for q in (0.1, 0.9)),
        np.quantile(c, 0.1), np.quantile(c, 0.9), FLOOR / M, 1.0])


def weights(name):
    return {key[8:]: value for key, value in load_file(here / f"{name}.safetensors").items()
            if key.startswith("weights.")}


def dinov2(pixels):
    config = Dinov2Config(hidden_size=48, mlp_ratio=4, num_hidden_layers=3, num_attention_heads=3,
                          image_size=42, patch_size=6)
    model = Dinov2Model(config)
    model.load_state_dict(weights("tiny-dinov2"))
    out = model.double().eval()(pixel_values=pixels.double(), output_hidden_states=True)
    return out.hidden_states[BLOCK][:, 1:].numpy()


def viclip(source, pixels):
    model = source.VisionTransformer(input_resolution=24, patch_size=8, width=64, layers=3, heads=2,
                                     output_dim=16, num_frames=8)
    model.load_state_dict(weights("tiny-viclip"))
    model.double().eval()
    found = []
    model.transformer.resblocks[BLOCK - 1].register_forward_hook(
        lambda _, __, out: found.append(out.permute(1, 0, 2)))
    model(pixels[None].permute(0, 2, 1, 3, 4).double())
    # Tokens are ordered by patch, then by frame.
    return found[0][0, 1:].reshape(-1, 8, 64).transpose(0, 1).numpy()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viclip", type=pathlib.Path, required=True)
    source = load_viclip(parser.parse_args().viclip)
    tensors = {}
    for name, side, run in (("tiny-dinov2", 30, dinov2), ("tiny-viclip", 24, lambda x: viclip(source, x))):
        pixels = torch.from_numpy(clips(side))
        golden = np.stack([features(run(clip)) for clip in pixels])
        tensors[f"pixels.{name}"] = pixels
        tensors[f"features.{name}"] = torch.from_numpy(golden.astype(np.float32))
        print(name, np.round(golden, 3), sep="\n")
    save_file(tensors, here / "motion.safetensors")
