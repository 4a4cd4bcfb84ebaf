#!/usr/bin/env python3
"""The reward of ganrm in verl-omni, on the videos of a toy generator: verl_omni_reward.py

With verl-omni and verl installed, they find the reward by its configuration, and `VisualRewardManager` calls
it. Without, it is called with the same keywords.
"""

from __future__ import annotations

import asyncio
import importlib.util
from typing import Any

import numpy as np

from ganrm.integrations.verl_omni import compute_score
from toy import RATE, group, report

PROMPT = "a scene"


async def rewards_by_manager(responses: list[Any]) -> list[float]:
    import torch
    from omegaconf import OmegaConf
    from verl import DataProto
    from verl.trainer.ppo.reward import get_custom_reward_fn
    from verl_omni.reward_loop.reward_manager.visual import VisualRewardManager

    rollout = {"pipeline": {"output_type": "video"}}
    function = {
        "path": "pkg://ganrm.integrations.verl_omni",
        "name": "compute_score",
        "reward_kwargs": {"fps": RATE},
    }
    config = OmegaConf.create(
        {
            "actor_rollout_ref": {"rollout": {**rollout, "val_kwargs": rollout}},
            "reward": {"custom_reward_function": function},
        }
    )
    manager = VisualRewardManager(config, None, get_custom_reward_fn(config))
    rewards: list[float] = []
    for response in responses:
        sample = {
            "responses": torch.from_numpy(response.copy())[None],
            "data_source": np.array(["prompts"], object),
            "reward_model": np.array([{"ground_truth": PROMPT}], object),
            "extra_info": np.array([{}], object),
        }
        found = await manager.run_single(DataProto.from_single_dict(sample))
        print(found["reward_extra_info"])
        rewards.append(found["reward_score"])
    return rewards


def main() -> None:
    responses = [video.transpose(0, 3, 1, 2) for video in group(PROMPT)]  # TCHW, uint8
    if importlib.util.find_spec("verl_omni") is not None:
        report(asyncio.run(rewards_by_manager(responses)))
        return
    found = [compute_score("prompts", response, PROMPT, {}, fps=RATE) for response in responses]
    report(reward["score"] for reward in found)


if __name__ == "__main__":
    main()
