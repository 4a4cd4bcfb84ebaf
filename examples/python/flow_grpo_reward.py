#!/usr/bin/env python3
"""The reward of ganrm in flow_grpo, on the videos of a toy generator: flow_grpo_reward.py

With flow_grpo in PYTHONPATH, its `multi_score` calls the reward and its `PerPromptStatTracker` makes
advantages of it. Without, the reward is called as `multi_score` does.
"""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np

from ganrm.integrations.flow_grpo import ganrm_score
from toy import RATE, group, report

PROMPT = "a scene"


def reward_function() -> Any:
    return ganrm_score(fps=RATE)


def main() -> None:
    videos = np.stack(group(PROMPT))  # [batch, time, height, width, 3], uint8; tensors are BTCHW.
    prompts, metadata = [PROMPT] * len(videos), [{}] * len(videos)
    if importlib.util.find_spec("flow_grpo") is None:
        rewards, _ = reward_function()(videos, prompts, metadata)
        report(rewards)
        return
    from flow_grpo import rewards as flow_grpo_rewards
    from flow_grpo.stat_tracking import PerPromptStatTracker

    # `multi_score` has its table inside, to which a training adds "ganrm": ganrm_score. Here it takes the
    # place of one of the others.
    flow_grpo_rewards.jpeg_compressibility = reward_function
    score = flow_grpo_rewards.multi_score("cpu", {"jpeg_compressibility": 1.0})
    details, _ = score(videos, prompts, metadata)
    report(details["avg"])
    advantages = PerPromptStatTracker().update(prompts, details["avg"])
    print("advantages", advantages.round(2))


if __name__ == "__main__":
    main()
