#!/usr/bin/env python3
"""The reward of ganrm in UniRL, on the videos of a toy generator: unirl_reward.py

Needs UniRL in PYTHONPATH, whose types requests and answers have, and PyTorch. Its `RewardService` scores a
track of a rollout with the backend of ganrm, as its trainers have it do.
"""

from __future__ import annotations

import importlib.util
import sys

from ganrm.integrations.unirl import GanrmBackend
from toy import RATE, group, report

PROMPT = "a scene"


def main() -> None:
    if importlib.util.find_spec("unirl") is None:
        sys.exit("unirl_reward: UniRL is not installed; put its folder into PYTHONPATH")
    import torch
    from unirl.reward.service import RewardService
    from unirl.types.primitives import Texts, Video, Videos
    from unirl.types.rollout_req import RolloutReq
    from unirl.types.rollout_resp import RolloutTrack

    videos = [torch.from_numpy(video).permute(0, 3, 1, 2) / 255 for video in group(PROMPT)]  # TCHW
    ids = [f"sample {index}" for index in range(len(videos))]
    request = RolloutReq(
        sample_ids=ids,
        group_ids=[PROMPT] * len(ids),
        primitives={"text": Texts(texts=[PROMPT] * len(ids))},
    )
    track = RolloutTrack(
        sample_ids=ids,
        parent_ids=[PROMPT] * len(ids),
        decoded=Videos.from_list([Video(frames=video) for video in videos]),
    )
    service = RewardService(GanrmBackend(fps=RATE))
    scored = service.score_and_attach(req=request, track=track)
    report(scored.rewards)
    for name, values in scored.component_rewards.items():
        print(f"{name:10}", values.numpy().round(3))


if __name__ == "__main__":
    main()
