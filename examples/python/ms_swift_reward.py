#!/usr/bin/env python3
"""The reward of ganrm in ms-swift's GRPO, on the videos of a toy generator: ms_swift_reward.py

As a file of `--external_plugins` it adds the reward, which `--reward_funcs ganrm` chooses. Run by itself, with
ms-swift installed, it has ms-swift find and call it; without, it calls it as ms-swift does.
"""

from __future__ import annotations

import importlib.util

import numpy as np

from ganrm.integrations.ms_swift import orm
from toy import FLAWS, RATE, STRENGTHS, Video, render, report


def video(completion: str) -> Video:
    """What a completion describes: how strong all flaws are, as a number."""
    return render("a scene", np.full(len(FLAWS), float(completion)), seed=0)


reward = orm(video, fps=RATE)
HAS_SWIFT = importlib.util.find_spec("swift") is not None
if HAS_SWIFT:
    from swift.rewards import orms

    orms["ganrm"] = reward


def main() -> None:
    completions = [str(strength) for strength in STRENGTHS]
    if not HAS_SWIFT:
        report(reward()(completions))
        return
    import torch
    from swift.rl_core.data import GRPOSample
    from swift.rl_core.grpo_algorithm import compute_rewards_per_func
    from swift.rlhf_trainers.utils import resolve_reward_funcs

    functions, names = resolve_reward_funcs(["ganrm"])
    samples = [
        GRPOSample(messages=[{"role": "assistant", "content": completion}])
        for completion in completions
    ]
    rewards = compute_rewards_per_func(samples, functions, None, torch.device("cpu"))
    print(names)
    report(rewards[:, 0])


if __name__ == "__main__":
    main()
