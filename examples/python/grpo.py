#!/usr/bin/env python3
"""Improves a toy generator by GRPO with the reward of ganrm, in this process: grpo.py [STEPS] [MODEL]

Needs only ganrm and NumPy, and about two minutes on two cores. It prints the reward of each step. Before and
after, it judges the generator by what the training has not seen: prompts of its own, how strong the flaws
are, which the toy knows, and the spectral distance from scenes without flaws. It fails unless all are better.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import ganrm
from toy import FLAWS, RATE, Floats, Generator, render, spectral_distance

PROMPTS = [f"scene {number}" for number in range(8)]
HELD_OUT = [f"unseen scene {number}" for number in range(8)]


@dataclass(frozen=True)
class Settings:
    """Of GRPO, with the names of flow_grpo's configuration.

    Attributes:
        prompts: Groups of each step.
        samples: Videos of a group.
        epochs: Updates with the samples of a step; from the second on, ratios are not 1.
        learning_rate: Of the gradient's descent.
        clip_range: Of the ratio. The latents of this toy have 5 dimensions, so that it is much larger than
            the 1e-4 for those of a video model.
        adv_clip_max: Limit of advantages.
        beta: Weight of the KL divergence from the generator of the start.
    """

    prompts: int = 3
    samples: int = 8
    epochs: int = 4
    learning_rate: float = 0.1
    clip_range: float = 0.2
    adv_clip_max: float = 5
    beta: float = 0.02


def advantages(rewards: Floats) -> Floats:
    """Rewards `[groups, samples]`, normalized within each group.

    Source: flow_grpo, flow_grpo/stat_tracking.py (PerPromptStatTracker).
    """
    mean, deviation = rewards.mean(axis=1, keepdims=True), rewards.std(axis=1, keepdims=True)
    return np.asarray((rewards - mean) / (deviation + 1e-4))


def loss_and_gradient(
    generator: Generator,
    start: Generator,
    latents: Floats,
    log_probabilities: Floats,
    advantage: Floats,
    settings: Settings,
) -> tuple[float, Floats]:
    """GRPO's loss and its derivative by the generator's means, `[flaws]`.

    Args:
        start: From which the KL divergence is counted.
        latents: `[count, flaws]`.
        log_probabilities: `[count]`, of the generator that has drawn them.
        advantage: `[count]`.

    Source: flow_grpo, scripts/train_sd3.py ("grpo logic").
    """
    variance, dimensions = generator.deviation**2, latents.shape[1]
    advantage = np.clip(advantage, -settings.adv_clip_max, settings.adv_clip_max)
    ratio = np.exp(generator.log_probability(latents) - log_probabilities)
    unclipped = -advantage * ratio
    clipped = -advantage * np.clip(ratio, 1 - settings.clip_range, 1 + settings.clip_range)
    kl = np.mean((generator.mean - start.mean) ** 2) / (2 * variance)
    loss = np.maximum(unclipped, clipped).mean() + settings.beta * kl
    # Where the clipped loss is the larger one, it is constant.
    slope = np.where(unclipped >= clipped, unclipped, 0)[:, None]
    gradient = (slope * (latents - generator.mean)).mean(axis=0) / (variance * dimensions)
    gradient += settings.beta * (generator.mean - start.mean) / (variance * dimensions)
    return float(loss), gradient


def train(
    model: ganrm.Model, steps: int, seed: int = 0, settings: Settings = Settings()
) -> Generator:
    """The generator after some steps, each of which prints a line."""
    random = np.random.default_rng(seed)
    start = generator = Generator.untrained()
    print("step  reward  ratio clipped     KL  " + "  ".join(f"{flaw:>7}" for flaw in FLAWS))
    for step in range(steps):
        chosen = random.choice(PROMPTS, settings.prompts, replace=False)
        prompts = np.repeat(chosen, settings.samples)
        latents = generator.draw(len(prompts), random)
        seeds = random.integers(2**32, size=len(prompts))
        rewards = reward(model, prompts, latents, seeds).reshape(settings.prompts, -1)
        advantage = advantages(rewards).ravel()
        old = generator.log_probability(latents)
        for _ in range(settings.epochs):
            _, gradient = loss_and_gradient(generator, start, latents, old, advantage, settings)
            generator = replace(generator, mean=generator.mean - settings.learning_rate * gradient)
        ratio = np.exp(generator.log_probability(latents) - old)
        kl = np.sum((generator.mean - start.mean) ** 2) / (2 * generator.deviation**2)
        print(
            f"{step:4}  {rewards.mean():6.2f}  {np.mean(abs(ratio - 1) > settings.clip_range):13.0%}"
            f"  {kl:5.2f}  " + "  ".join(f"{mean:7.2f}" for mean in generator.mean),
            flush=True,
        )
    return generator


def reward(model: ganrm.Model, prompts: Any, latents: Floats, seeds: Any) -> Floats:
    """The logits of the videos, `[count]`."""
    videos = (render(*sample) for sample in zip(prompts, latents, seeds, strict=True))
    results = model.score_many(videos, fps=RATE, errors="raise", progress=False)
    return np.array([result.logit for result in results])


def held_out(model: ganrm.Model, generator: Generator, seed: int) -> dict[str, float]:
    """Means over prompts that are not trained with: the reward, the flaws, and what does not know either."""
    random = np.random.default_rng(seed)
    prompts = np.repeat(HELD_OUT, 2)
    latents = generator.draw(len(prompts), random)
    seeds = random.integers(2**32, size=len(prompts))
    samples = zip(prompts, latents, seeds, strict=True)
    distances = [spectral_distance(render(*sample), sample[0]) for sample in samples]
    strengths = np.maximum(0, latents).mean(axis=0)
    return {
        "reward": float(reward(model, prompts, latents, seeds).mean()),
        "spectral distance in dB": float(np.mean(distances)),
        "flaws": float(strengths.mean()),
        **{f"  {flaw}": float(strength) for flaw, strength in zip(FLAWS, strengths, strict=True)},
    }


def main(steps: int, path: str | None) -> None:
    begin = time.monotonic()
    with ganrm.load(path) as model:
        before = held_out(model, Generator.untrained(), seed=1)
        after = held_out(model, train(model, steps), seed=1)
    print(f"{steps} steps in {time.monotonic() - begin:.0f} s")
    print(f"{'unseen prompts':24} before   after")
    for name, old in before.items():
        print(f"{name:24} {old:6.2f}  {after[name]:6.2f}")
    gains = [after["reward"] - before["reward"]]
    gains += [before[name] - after[name] for name in ("spectral distance in dB", "flaws")]
    if min(gains) <= 0:
        sys.exit("grpo: the generator has not become better")


if __name__ == "__main__":
    if len(sys.argv) > 3:
        sys.exit("usage: grpo.py [STEPS] [MODEL]")
    try:
        main(
            steps=int(sys.argv[1]) if len(sys.argv) > 1 else 10,
            path=sys.argv[2] if len(sys.argv) > 2 else None,
        )
    except (ganrm.GanrmError, ValueError) as problem:
        sys.exit(f"grpo: {problem}")
