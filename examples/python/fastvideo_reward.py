#!/usr/bin/env python3
"""The reward of ganrm in FastVideo, on the videos of a toy generator: fastvideo_reward.py

Needs PyTorch, of which media and rewards are tensors. With FastVideo in PYTHONPATH, the scorer of its
reinforcement learning and its evaluation call the reward. Without, the scorer is called as
`MultiRewardScorer` does.
"""

from __future__ import annotations

import importlib.util
import sys

import numpy as np

from ganrm.integrations import fastvideo as ganrm_fastvideo
from toy import RATE, group, report

PROMPT = "a scene"


def main() -> None:
    if importlib.util.find_spec("torch") is None:
        sys.exit(
            "fastvideo_reward: FastVideo's media are tensors of PyTorch, which is not installed"
        )
    import torch

    videos = np.stack(group(PROMPT)).transpose(0, 4, 1, 2, 3)  # BCTHW
    media = torch.from_numpy(videos.copy()).float() / 255
    prompts = [PROMPT] * len(media)
    scorer = ganrm_fastvideo.Scorer(fps=RATE)
    if importlib.util.find_spec("fastvideo") is None:
        report(scorer(media, prompts))
        return
    from fastvideo.eval import create_evaluator
    from fastvideo.train.methods.rl.rewards import build_multi_reward_scorer

    score = build_multi_reward_scorer({"ganrm": 1.0}, scorers={"ganrm": scorer})
    report(score(media, prompts)["avg"])

    ganrm_fastvideo.register(fps=RATE)
    evaluator = create_evaluator(["ganrm"], device="cpu")
    results = evaluator.evaluate([{"video": video.transpose(0, 1)} for video in media])  # TCHW
    report(result["ganrm"].score for result in results)


if __name__ == "__main__":
    main()
