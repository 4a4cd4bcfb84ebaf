"""The programs of examples/python: GRPO's formulas against PyTorch, and each trainer's program as it is run."""

from __future__ import annotations

import importlib
import os
import pathlib
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import ganrm

from conftest import ROOT, Tiny

EXAMPLES = ROOT / "examples" / "python"


@pytest.fixture(scope="module")
def example() -> Iterator[Any]:
    """Imports a module of the examples."""
    sys.path.insert(0, str(EXAMPLES))
    yield importlib.import_module
    sys.path.remove(str(EXAMPLES))


def test_advantages_are_normalized_by_group(example: Any) -> None:
    rewards = np.array([[1.0, 3.0], [2.0, 2.0], [-1.0, -2.0]])
    found = example("grpo").advantages(rewards)
    # By hand: deviations 1, 0 and 0.5, to which 1e-4 is added.
    expected = [[-1 / 1.0001, 1 / 1.0001], [0, 0], [0.5 / 0.5001, -0.5 / 0.5001]]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_loss_and_gradient_are_those_of_autograd(example: Any, seed: int) -> None:
    torch = pytest.importorskip("torch")
    grpo, toy = example("grpo"), example("toy")
    random = np.random.default_rng(seed)
    start = toy.Generator.untrained()
    old = toy.Generator(start.mean + random.normal(0, 0.1, 5))
    now = toy.Generator(old.mean + random.normal(0, 0.2, 5))
    latents = old.draw(64, random)
    advantage = random.normal(0, 3, 64)
    settings = grpo.Settings()
    loss, gradient = grpo.loss_and_gradient(
        now, start, latents, old.log_probability(latents), advantage, settings
    )

    # flow_grpo ac4c86e8, scripts/train_sd3.py ("grpo logic") and sd3_sde_with_logprob.py
    def log_probability(mean: Any) -> Any:
        normal = torch.distributions.Normal(mean, now.deviation)
        return normal.log_prob(torch.from_numpy(latents)).mean(dim=1)

    mean = torch.tensor(now.mean, requires_grad=True)
    clamped = torch.clamp(
        torch.from_numpy(advantage), -settings.adv_clip_max, settings.adv_clip_max
    )
    ratio = torch.exp(log_probability(mean) - log_probability(torch.tensor(old.mean)))
    unclipped = -clamped * ratio
    clipped = -clamped * torch.clamp(ratio, 1 - settings.clip_range, 1 + settings.clip_range)
    kl = ((mean - torch.tensor(start.mean)) ** 2).mean() / (2 * now.deviation**2)
    expected = torch.mean(torch.maximum(unclipped, clipped)) + settings.beta * kl
    expected.backward()
    assert 0 < (abs(ratio - 1) > settings.clip_range).float().mean() < 1
    assert loss == pytest.approx(expected.item(), rel=1e-12)
    np.testing.assert_allclose(gradient, mean.grad.numpy(), rtol=1e-10, atol=1e-14)


def test_the_spectral_distance_is_that_of_the_definition(example: Any) -> None:
    toy = example("toy")
    clean = toy.render("a scene", np.zeros(5), 0)
    assert clean.shape == (toy.FRAMES, toy.HEIGHT, toy.WIDTH, 3) and clean.dtype == np.uint8
    assert toy.spectral_distance(clean, "a scene") == 0
    halved = (clean // 2 * 2, clean // 2)
    expected = toy._log_power(halved[0]) - toy._log_power(halved[1])
    assert np.median(expected) == pytest.approx(20 * np.log10(2), abs=0.01)
    for flaw in "noise", "blur":
        latents = [s * np.eye(5)[toy.FLAWS.index(flaw)] for s in (0.1, 0.3, 0.6)]
        found = [
            toy.spectral_distance(toy.render("a scene", latent, 1), "a scene") for latent in latents
        ]
        assert 0 < found[0] < found[1] < found[2]


def test_a_file_of_the_toy_has_the_score_of_its_frames(
    example: Any, model: ganrm.Model, tmp_path: pathlib.Path
) -> None:
    toy = example("toy")
    gray = np.repeat(toy.render("a scene", np.full(5, 0.3), 0)[..., :1], 3, axis=-1)
    toy.write_y4m(tmp_path / "gray.y4m", gray)
    file, frames = model.score(tmp_path / "gray.y4m"), model.score(gray, fps=toy.RATE)
    assert (file.frames, file.end_seconds) == (toy.FRAMES, frames.end_seconds)
    assert file.logit == pytest.approx(frames.logit, abs=0.05)  # 220 steps of gray instead of 256


class Steadiness:
    """Stands in for a model: rewards frames that are like those before, which noise is not."""

    def score_many(self, videos: Any, **_options: Any) -> list[ganrm.Result]:
        found = [-float(np.abs(np.diff(video.astype(float), axis=0)).mean()) for video in videos]
        return [
            ganrm.Result(index, ganrm.Score(score=0.5, logit=value))
            for index, value in enumerate(found)
        ]


def test_a_training_follows_its_reward(example: Any, capsys: pytest.CaptureFixture[str]) -> None:
    grpo, toy = example("grpo"), example("toy")
    settings = grpo.Settings(prompts=2, samples=6)
    trained = grpo.train(Steadiness(), 5, seed=3, settings=settings)
    again = grpo.train(Steadiness(), 5, seed=3, settings=settings)
    np.testing.assert_array_equal(trained.mean, again.mean)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 12 and lines[:6] == lines[6:]
    rewards = [float(line.split()[1]) for line in lines[1:6]]
    assert rewards[-1] > rewards[0]
    start = toy.Generator.untrained().mean
    assert trained.mean[toy.FLAWS.index("noise")] < start[toy.FLAWS.index("noise")] - 0.1


def test_a_training_runs_with_a_model(
    example: Any, tiny: Tiny, capsys: pytest.CaptureFixture[str]
) -> None:
    grpo = example("grpo")
    with tiny.load() as model:
        grpo.train(model, 2, settings=grpo.Settings(prompts=2, samples=4))
        before, after = (
            grpo.held_out(model, example("toy").Generator.untrained(), 1) for _ in "ab"
        )
    assert before == after and np.isfinite(list(before.values())).all()
    assert len(capsys.readouterr().out.splitlines()) == 3


@pytest.mark.parametrize(
    "name, needs",
    [
        ("dancegrpo", None),
        ("fastvideo", "torch"),
        ("flow_grpo", None),
        ("ms_swift", None),
        ("trl", None),
        ("unirl", "unirl"),
        ("verl_omni", None),
    ],
)
def test_programs_of_trainers_run(name: str, needs: str | None, tiny: Tiny) -> None:
    if needs is not None:
        pytest.importorskip(needs)
    # With the tiny model, which knows nothing of flaws: what they say of the order is not judged.
    load = {key: str(value) for key, value in tiny.arguments.items() if key != "threads"}
    script = (
        "import runpy, sys, toy\n"
        "import ganrm._shared_models as shared\n"
        f"load, options = shared.load, {load!r}\n"
        "shared.load = lambda model=None, **given: load(**{**given, **options})\n"
        "judge = toy.report\n"
        "def report(rewards):\n"
        "    try: judge(rewards)\n"
        "    except SystemExit: pass\n"
        "toy.report = report\n"
        f"sys.argv = ['{name}_reward.py']\n"
        f"runpy.run_path({str(EXAMPLES / (name + '_reward.py'))!r}, run_name='__main__')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(EXAMPLES), *sys.path[1:]])},
    )
    assert done.returncode == 0, done.stderr
    assert "flaws " in done.stdout and "nan" not in done.stdout
    assert len(done.stdout.split("reward")[1].split()[:4]) == 4
