#!/usr/bin/env python3
"""The reward of ganrm in DanceGRPO, on the videos of a toy generator: dancegrpo_reward.py

DanceGRPO is no package, and its training needs GPUs: what follows are the lines of its
`train_grpo_hunyuan.py` that call VideoAlign, with `Inferencer` in the place of `VideoVLMRewardInference`.
"""

from __future__ import annotations

import pathlib
import tempfile

import numpy as np

from ganrm.integrations.dancegrpo import Inferencer
from toy import group, report, write_y4m

PROMPT = "a scene"


def main() -> None:
    inferencer = Inferencer()
    rewards: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for index, video in enumerate(group(PROMPT)):
            path = pathlib.Path(folder, f"hunyuan_0_{index}.y4m")
            write_y4m(path, video)  # DanceGRPO: export_to_video(videos[0], "….mp4", fps=args.fps)
            try:
                reward = inferencer.reward([str(path)], [PROMPT], use_norm=True)
                rewards.append(reward[0]["VQ"])
            except Exception:
                # For what VideoAlign raises; a `RewardFailure` of ganrm ends the training instead.
                rewards.append(-1.0)
    report(rewards)
    group_rewards = np.array(rewards)
    advantages = (group_rewards - group_rewards.mean()) / (group_rewards.std(ddof=1) + 1e-8)
    print("advantages", advantages.round(2))


if __name__ == "__main__":
    main()
