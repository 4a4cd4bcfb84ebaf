"""Trainers' own ways of calling get the logits of the command.

The callers below are written like those of the trainers, whose file and commit stand beside them.
"""

from __future__ import annotations

import logging
import math
import subprocess
import sys
import types
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import ganrm
from ganrm import _shared_models
from ganrm.integrations import (
    _reward,
    dancegrpo,
    fastvideo,
    flow_grpo,
    ms_swift,
    trl,
    unirl,
    verl_omni,
)

from conftest import RATE, Tiny, decoded

Array = npt.NDArray[Any]


@pytest.fixture(scope="module")
def logits(tiny: Tiny) -> list[float]:
    """Of the command, for the first three clips."""
    return [row["logit"] for row in tiny.rows(*tiny.clips[:3])]


@pytest.fixture(scope="module")
def videos(tiny: Tiny) -> list[Array]:
    """Their frames, uint8 `[time, height, width, 3]`."""
    return [decoded(clip) for clip in tiny.clips[:3]]


@pytest.fixture(scope="module")
def options(tiny: Tiny) -> dict[str, Any]:
    return {**tiny.arguments, "fps": RATE}


@pytest.fixture(autouse=True)
def closed_models() -> Iterator[None]:
    yield
    for model in _shared_models.models.values():
        model.close()
    _shared_models.models.clear()


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> types.SimpleNamespace:
    """Puts stand-ins for modules of a trainer in place."""

    def add(name: str, **contents: Any) -> None:
        module = types.ModuleType(name)
        vars(module).update(contents)
        monkeypatch.setitem(sys.modules, name, module)

    return types.SimpleNamespace(add=add)


def test_no_trainer_is_imported() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; before = set(sys.modules)\n"
            "import ganrm; assert 'ganrm.integrations' not in sys.modules\n"
            "from ganrm.integrations import dancegrpo, fastvideo, flow_grpo, ms_swift, trl\n"
            "from ganrm.integrations import data_juicer, ray, unirl, verl_omni\n"
            "import ganrm.client\n"
            "print({name.partition('.')[0] for name in set(sys.modules) - before})",
        ],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found = eval(done.stdout)
    trainers = {"torch", "verl", "verl_omni", "unirl", "trl", "swift", "fastvideo", "flow_grpo"}
    trainers |= {"data_juicer", "pyarrow", "ray"}
    assert "ganrm" in found and not found & trainers


def test_that_prompts_are_ignored_is_said_once(
    tiny: Tiny, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_reward, "_has_said", False)
    with caplog.at_level(logging.WARNING, "ganrm"):
        for _ in range(3):
            flow_grpo.ganrm_score(**tiny.arguments)
    assert [record.message for record in caplog.records] == [
        "the reward of ganrm is of what is seen; prompts are not judged"
    ]


def test_the_same_arguments_share_a_model(tiny: Tiny) -> None:
    one, two = (_reward.Reward(value="logit", **tiny.arguments) for _ in range(2))
    assert one.model is two.model
    own = tiny.load()
    assert _reward.Reward(own, "logit").model is own
    with pytest.raises(ValueError, match="threads: a model that is open has its own"):
        _reward.Reward(own, "logit", threads=1)
    with pytest.raises(ValueError, match="value is 'logit' or 'score', not 'reward'"):
        _reward.Reward(own, "reward")  # type: ignore[arg-type]
    own.close()


# verl-omni a1139baf, verl_omni/reward_loop/reward_manager/visual.py, VisualRewardManager.run_single
def verl_omni_reward(compute_score: Any, response: Any, **keywords: Any) -> tuple[float, dict]:
    result = compute_score(
        data_source="prompts",
        solution_image=response,
        ground_truth="a cat",
        extra_info={"num_turns": None, "rollout_reward_scores": {}},
        **keywords,
    )
    return result["score"], {name: value for name, value in result.items() if name != "score"}


def test_verl_omni_scores_whole_videos(
    videos: list[Array], logits: list[float], options: dict[str, Any]
) -> None:
    for video, logit in zip(videos, logits, strict=True):
        for response in video.transpose(0, 3, 1, 2), video.transpose(3, 0, 1, 2):  # TCHW, CTHW
            reward, extra = verl_omni_reward(verl_omni.compute_score, response, **options)
            assert reward == extra["ganrm_logit"] == logit
            assert extra["ganrm_degenerate"] == 0
    score = 1 / (1 + math.exp(-logits[0]))
    found, extra = verl_omni_reward(
        verl_omni.compute_score,
        videos[0].transpose(0, 3, 1, 2),
        value="score",
        reward_router_address="127.0.0.1:1",
        reward_model_tokenizer=None,
        model_name="other",
        **options,
    )
    assert found == extra["ganrm_score"] == pytest.approx(score, rel=1e-6)


def test_verl_omni_scores_images(model: ganrm.Model, tiny: Tiny, options: dict[str, Any]) -> None:
    image = decoded(tiny.image)[0].transpose(2, 0, 1)
    expected = tiny.rows(tiny.image)[0]["logit"]
    assert verl_omni_reward(verl_omni.compute_score, image, **options)[0] == expected
    black, extra = verl_omni_reward(verl_omni.compute_score, np.zeros_like(image), model=model)
    assert math.isfinite(black) and extra["ganrm_degenerate"] == 1
    with pytest.raises(TypeError, match="the axes CHW or TCHW, not"):
        verl_omni_reward(verl_omni.compute_score, image[0], model=model)
    with pytest.raises(ValueError, match="channels are 1"):  # Latents.
        verl_omni_reward(verl_omni.compute_score, np.zeros((16, 9, 9), np.float32), model=model)
    with pytest.raises(TypeError, match="not_an_option"):
        verl_omni_reward(verl_omni.compute_score, image, not_an_option=1)


class Request:
    """UniRL 1a7b501e, unirl/types/reward.py, RewardRequest."""

    def __init__(self, **generated: Any) -> None:
        self.generated = generated
        self.primitives = {"text": types.SimpleNamespace(texts=["a cat"])}

    @property
    def videos(self) -> list[Array] | None:
        """`[channels, time, height, width]` each."""
        videos = self.generated.get("video")
        return videos and [video.transpose(1, 0, 2, 3) for video in videos]


# UniRL 1a7b501e, unirl/reward/service.py, RewardService.score_and_attach
def unirl_rewards(backend: Any, **generated: Any) -> tuple[Array, dict[str, Array]]:
    assert backend.is_available() and backend.get_model_name() == "ganrm"
    assert str(getattr(backend, "preferred_input_kind", "")).strip().lower() in generated
    response = backend.compute_rewards(Request(**generated))
    failed = [
        (index, error)
        for index, (succeeds, error) in enumerate(
            zip(response.successes, response.errors, strict=True)
        )
        if not succeeds
    ]
    if failed:
        assert all(math.isnan(response.rewards[index]) for index, _ in failed)
        assert all(math.isnan(response.component_rewards["score"][index]) for index, _ in failed)
        raise RuntimeError(f"Reward computation flagged {failed}")
    components = {
        name: np.array(values, np.float32) for name, values in response.component_rewards.items()
    }
    return np.array(response.rewards, np.float32), components


def test_unirl_gets_rewards_or_the_failed_samples(
    videos: list[Array],
    logits: list[float],
    options: dict[str, Any],
    tiny: Tiny,
    modules: types.SimpleNamespace,
) -> None:
    modules.add("unirl.types.reward", RewardResponse=types.SimpleNamespace)
    backend = unirl.GanrmBackend(base_device="cuda", **options)
    floats = [video.transpose(0, 3, 1, 2) / np.float32(255) for video in videos]
    rewards, components = unirl_rewards(backend, video=floats)
    assert rewards.tolist() == np.float32(logits).tolist()
    assert components["logit"].tolist() == rewards.tolist()
    assert components["degenerate"].tolist() == [0, 0, 0]
    broken = [floats[0], floats[1] * np.nan, floats[2] * 2 - 1]
    with pytest.raises(RuntimeError, match=r"\[\(1, .*not finite.*\(2, .*\(x \+ 1\) / 2"):
        unirl_rewards(backend, video=broken)
    for hook in backend.offload, backend.onload, backend.dispose:
        hook()
    image = decoded(tiny.image).transpose(0, 3, 1, 2) / np.float32(255)
    images = unirl.GanrmBackend(input_kind="image", **options)
    rewards, _ = unirl_rewards(images, image=types.SimpleNamespace(pixels=image))
    assert rewards.tolist() == [np.float32(tiny.rows(tiny.image)[0]["logit"])]
    with pytest.raises(ValueError, match="the request has no video"):
        backend.compute_rewards(Request())
    with pytest.raises(ValueError, match="input_kind is 'video' or 'image', not 'text'"):
        unirl.GanrmBackend(input_kind="text")  # type: ignore[arg-type]


def test_a_model_that_cannot_be_opened_is_no_failed_sample(
    videos: list[Array], modules: types.SimpleNamespace
) -> None:
    modules.add("unirl.types.reward", RewardResponse=types.SimpleNamespace)
    backend = unirl.GanrmBackend("/nowhere.safetensors")
    with pytest.raises(ganrm.GanrmError, match="nowhere"):
        unirl_rewards(backend, video=[video.transpose(0, 3, 1, 2) for video in videos])


# TRL f2cd5771, trl/trainer/grpo_trainer.py, _calculate_rewards
def trl_rewards(function: Any, completions: list[Any], **columns: list[Any]) -> Array:
    assert function.__name__ == "ganrm"
    output = function(
        prompts=["a cat"] * len(completions),
        completions=completions,
        completion_ids=[[1]] * len(completions),
        trainer_state=None,
        log_extra=lambda *_: None,
        log_metric=lambda *_: None,
        **columns,
    )
    return np.array([math.nan if reward is None else reward for reward in output], np.float32)


def test_trl_scores_what_completions_are_or_make(
    videos: list[Array], logits: list[float], options: dict[str, Any], tiny: Tiny
) -> None:
    expected = np.float32(logits).tolist()
    paths = [str(clip) for clip in tiny.clips[:3]]
    function = trl.reward(**options)
    assert trl_rewards(function, paths).tolist() == expected
    messages = [[{"role": "assistant", "content": path}] for path in paths]
    assert trl_rewards(function, messages).tolist() == expected
    parts = [
        [{"role": "assistant", "content": [{"type": "text", "text": "Here:"}, part]}]
        for part in ({"type": "video", "video": video} for video in videos)
    ]
    assert trl_rewards(function, parts).tolist() == expected
    function = trl.reward(column="video", **options)
    assert trl_rewards(function, ["", "", ""], video=paths).tolist() == expected
    function = trl.reward(lambda text: videos[int(text)], **options)
    assert trl_rewards(function, ["0", "1", "2"]).tolist() == expected
    texts = [[{"role": "assistant", "content": [{"type": "text", "text": "1"}]}]]
    assert trl_rewards(function, texts).tolist() == expected[1:2]


def test_trl_failures_raise_or_are_none(options: dict[str, Any], tiny: Tiny) -> None:
    completions = [str(tiny.clips[0]), "/nowhere.mp4"]
    with pytest.raises(ganrm.MediaError, match=r"/nowhere\.mp4"):
        trl_rewards(trl.reward(**options), completions)
    rewards = trl_rewards(trl.reward(errors="return", **options), completions)
    assert np.isnan(rewards).tolist() == [False, True]
    with pytest.raises(ganrm.GanrmError, match="no column 'video'; there are answer, "):
        trl_rewards(trl.reward(column="video", **options), ["a"], answer=["b"])
    with pytest.raises(ganrm.GanrmError, match="'video' has 2 values for 1 completions"):
        trl_rewards(trl.reward(column="video", **options), ["a"], video=["b", "c"])
    with pytest.raises(ValueError, match="errors are"):
        trl.reward(errors="none")  # type: ignore[arg-type]


# ms-swift 3602360a, swift/rlhf_trainers/utils.py, resolve_reward_funcs, and
# swift/rl_core/grpo_algorithm.py, compute_rewards_per_func
def ms_swift_rewards(orms: dict[str, Any], completions: list[str], **columns: Any) -> Array:
    function = orms["ganrm"](args=object())
    assert function.__class__.__name__ == "GanrmORM"
    output = function(completions, trainer_state=None, **columns)
    return np.array([math.nan if reward is None else reward for reward in output], np.float32)


def test_ms_swift_scores_completions(
    videos: list[Array], logits: list[float], options: dict[str, Any], tiny: Tiny
) -> None:
    expected = np.float32(logits).tolist()
    paths = [str(clip) for clip in tiny.clips[:3]]
    assert ms_swift_rewards({"ganrm": ms_swift.orm(**options)}, paths).tolist() == expected
    orms = {"ganrm": ms_swift.orm(lambda text: videos[int(text)], layout="THWC", **options)}
    assert ms_swift_rewards(orms, ["0", "1", "2"], solution=["", "", ""]).tolist() == expected
    assert isinstance(orms["ganrm"](), ms_swift.GanrmORM)
    with pytest.raises(ganrm.MediaError, match="nowhere"):
        ms_swift_rewards({"ganrm": ms_swift.orm(**options)}, ["/nowhere.mp4"])


@pytest.fixture
def fastvideo_metrics(modules: types.SimpleNamespace) -> dict[str, type]:
    """FastVideo 2f3d4074, fastvideo/eval/registry.py, types.py and metrics/base.py."""
    registry: dict[str, type] = {}

    def register(name: str) -> Any:
        def wrapper(cls: type) -> type:
            registry[name] = cls
            return cls

        return wrapper

    class BaseMetric:
        requires_reference = True
        is_set_metric = False
        name = ""

        def _skip(self, sample: dict, reason: str) -> Any:
            return types.SimpleNamespace(name=self.name, score=None, details={"skipped": reason})

    modules.add("fastvideo.eval.metrics.base", BaseMetric=BaseMetric)
    modules.add("fastvideo.eval.types", MetricResult=types.SimpleNamespace)
    modules.add("fastvideo.eval.registry", register=register)
    return registry


def test_fastvideo_evaluates_videos(
    videos: list[Array],
    logits: list[float],
    tiny: Tiny,
    fastvideo_metrics: dict[str, Any],
) -> None:
    fastvideo.register(**tiny.arguments)
    metric = fastvideo_metrics["ganrm"]()
    assert not metric.requires_reference and not metric.is_set_metric and metric.name == "ganrm"
    for video, logit in zip(videos, logits, strict=True):
        sample = {"video": video.transpose(0, 3, 1, 2) / np.float32(255), "fps": float(RATE)}
        result = metric.compute(sample)
        assert (result.name, result.score) == ("ganrm", logit)
        assert result.details["degenerate"] is None
    assert metric.compute({}).details == {"skipped": "there is no video"}
    result = metric.compute({"video": sample["video"] * 255})
    assert result.score is None and "for 0 to 255, pass uint8" in result.details["skipped"]
    fastvideo.register("nowhere", model="/nowhere.safetensors")
    with pytest.raises(ganrm.GanrmError, match="nowhere"):
        fastvideo_metrics["nowhere"]().compute(sample)


def test_fastvideo_trains_by_whole_videos(
    videos: list[Array], logits: list[float], options: dict[str, Any], tiny: Tiny
) -> None:
    torch = pytest.importorskip("torch")
    length = min(map(len, videos))
    media = torch.stack(
        [torch.from_numpy(video[:length].copy()).permute(3, 0, 1, 2) / 255 for video in videos]
    )
    # FastVideo 2f3d4074, fastvideo/train/methods/rl/rewards/media.py, MultiRewardScorer
    rewards = fastvideo.Scorer(**options)(media, ["a cat"] * 3).detach().float()
    assert rewards.shape == (3,) and rewards.dtype == torch.float32
    with tiny.load() as model:
        expected = [model.score(video[:length], fps=RATE).logit for video in videos]
    assert rewards.tolist() == np.float32(expected).tolist()
    assert expected[0] == logits[0]  # The shortest of the clips.
    frames = fastvideo.Scorer(**options)(media[:, :, 0], ["a cat"] * 3)
    assert frames.shape == (3,) and torch.isfinite(frames).all()
    with pytest.raises(ValueError, match="BCHW or BCTHW"):
        fastvideo.Scorer(**options)(media[0, 0], ["a cat"])


# DanceGRPO 15cc71d, fastvideo/train_grpo_hunyuan.py, sample_reference_model
def dancegrpo_rewards(inferencer: Any, paths: list[str]) -> list[float]:
    rewards: list[float] = []
    for path in paths:
        try:
            reward = inferencer.reward([path], ["a cat"], use_norm=True)
            assert reward[0]["VQ"] == reward[0]["MQ"]
            rewards.append(reward[0]["VQ"])
        except Exception:
            rewards.append(-1.0)
    return rewards


def test_dancegrpo_scores_files_and_no_failure_becomes_a_reward(
    logits: list[float], tiny: Tiny
) -> None:
    inferencer = dancegrpo.Inferencer(**tiny.arguments)
    assert dancegrpo_rewards(inferencer, [str(clip) for clip in tiny.clips[:3]]) == logits
    with pytest.raises(dancegrpo.RewardFailure, match="/nowhere.mp4"):
        dancegrpo_rewards(inferencer, ["/nowhere.mp4"])
    with pytest.raises(dancegrpo.RewardFailure, match="the model has its own"):
        inferencer.reward([str(tiny.clips[0])], ["a cat"], fps=8)
    with pytest.raises(dancegrpo.RewardFailure, match="nowhere"):
        dancegrpo.Inferencer("/nowhere.safetensors").reward([str(tiny.clips[0])], ["a cat"])


# flow_grpo ac4c86e8, flow_grpo/rewards.py, multi_score
def flow_grpo_rewards(score: Any, images: Any, weight: float = 1) -> list[float]:
    assert "device" not in score.__code__.co_varnames
    scores, _ = score(images, ["a cat"] * len(images), [{}] * len(images))
    return [weight * score for score in scores]


def test_flow_grpo_scores_batches_of_images_and_videos(
    videos: list[Array], logits: list[float], options: dict[str, Any], tiny: Tiny
) -> None:
    assert "device" not in flow_grpo.ganrm_score.__code__.co_varnames
    score = flow_grpo.ganrm_score(**options)
    batch = np.stack([videos[0]] * 2)
    assert flow_grpo_rewards(score, batch) == [logits[0]] * 2
    image = decoded(tiny.image)
    expected = tiny.rows(tiny.image)[0]["logit"]
    assert flow_grpo_rewards(score, np.repeat(image, 2, axis=0), 0.5) == [expected / 2] * 2
    pillow = pytest.importorskip("PIL.Image")
    pictures = [[pillow.fromarray(frame) for frame in video] for video in videos]
    assert flow_grpo_rewards(score, pictures) == logits
    assert flow_grpo_rewards(score, [pillow.fromarray(image[0])]) == [expected]
    with pytest.raises(ValueError, match="a batch has 4 axes"):
        flow_grpo_rewards(score, image[0])


def test_flow_grpo_scores_tensors(
    videos: list[Array], logits: list[float], options: dict[str, Any], tiny: Tiny
) -> None:
    torch = pytest.importorskip("torch")
    score = flow_grpo.ganrm_score(**options)
    video = torch.from_numpy(videos[0].copy()).permute(0, 3, 1, 2)[None] / 255  # BTCHW
    assert flow_grpo_rewards(score, video.requires_grad_()) == [logits[0]]
    image = torch.from_numpy(decoded(tiny.image).copy()).permute(0, 3, 1, 2) / 255  # BCHW
    assert flow_grpo_rewards(score, image) == [tiny.rows(tiny.image)[0]["logit"]]
    with pytest.raises(ValueError, match="floats are from 0 to 1"):
        flow_grpo_rewards(score, image * 2 - 1)
