"""Recomputes scores and their parts from a reward model file in PyTorch, and compares them with ganrm's.

    python check_parts.py head.safetensors embeddings.safetensors rows.jsonl

embeddings.safetensors is the output of `ganrm encode` (one clip per input, F32), rows.jsonl the output of
`ganrm score` for the same inputs in the same precision. The head may have any number of members, linear or RPL,
with or without the tensors `familiarity.…` and `damage.…`. Requirements are those of `training.py`.
"""

import json
import sys

import torch
from safetensors import safe_open
from safetensors.torch import load_file

from training import RPL


class Metric(torch.nn.Module):
    """d² = (|x̂|² − |B x̂|²) / (λ D) with x̂ = (x − mean) / deviation."""

    def __init__(self, width, rank, ridge):
        super().__init__()
        self.ridge = ridge
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("deviation", torch.ones(width))
        self.register_buffer("components", torch.zeros(rank, width))

    def forward(self, x):
        x = ((x - self.mean) / self.deviation).double()
        square = (x * x).sum(1) - ((x @ self.components.double().T) ** 2).sum(1)
        return (square.clamp(min=0) / (self.ridge * x.shape[1])).sqrt()


class Linear(torch.nn.Module):
    def __init__(self, width):
        super().__init__()
        self.out = torch.nn.Linear(width, 2)

    def forward(self, x):
        return self.out(x)


class Damage(torch.nn.Module):
    """weight · (softplus(a · ln d + b · x + c + [aₘ · ln dₘ + m · v]) − usual), [] only for clips with motion."""

    def __init__(self, record, tensors, width):
        super().__init__()
        self.record = record
        self.register_buffer("weights", torch.zeros(width))
        self.register_buffer("distance_weights", torch.zeros(len(tensors["distance_weights"])))
        self.judges_motion = "motion_weights" in tensors
        if self.judges_motion:
            features, rank = len(tensors["motion_weights"]), tensors["motion.components"].shape[0]
            self.register_buffer("motion_weights", torch.zeros(features))
            self.register_buffer("motion_distance_weight", torch.zeros(1))
            self.register_buffer("motion_low", torch.zeros(features - 1))
            self.register_buffer("motion_high", torch.zeros(features - 1))
            self.motion = Metric(features - 1, rank, record["ridge"])
        blocks = len(tensors["distance_weights"])
        for index in range(blocks):
            rank = tensors[f"{index}.components"].shape[0]
            self.add_module(str(index), Metric(width // blocks, rank, record["ridge"]))

    def forward(self, x, motion):
        blocks = x.chunk(len(self.distance_weights), 1)
        logs = torch.stack(
            [getattr(self, str(i))(block).clamp(min=1e-3).log() for i, block in enumerate(blocks)], 1)
        total = logs @ self.distance_weights.double() + x.double() @ self.weights.double()
        if self.judges_motion:
            bounded = motion[:, :-1].clamp(self.motion_low, self.motion_high)
            log = self.motion(bounded).clamp(min=1e-3).log()
            features = torch.cat([bounded, motion[:, -1:]], 1).double()
            added = log * self.motion_distance_weight.double() + features @ self.motion_weights.double()
            total = total + torch.where(motion[:, -1] > 0, added, 0)
        excess = torch.nn.functional.softplus(total + self.record["offset"]) - self.record["usual"]
        return self.record["weight"] * excess


def part(state, prefix):
    return {name[len(prefix):]: tensor for name, tensor in state.items() if name.startswith(prefix)}


def main(head, embeddings, rows):
    state = load_file(head)
    with safe_open(head, "pt") as file:
        record = json.loads(file.metadata()["ganrm"])
    x = load_file(embeddings)["embeddings"]
    encoder = next(iter(record["encoders"].values()))
    # With a motion recipe, the 24 motion features follow the embedding.
    width = x.shape[1] - 24 * ("motion" in encoder)
    x, motion = x[:, :width], x[:, width:]

    distance, inside = None, x
    if scale := record.get("familiarity"):
        tensors = part(state, "familiarity.")
        metric = Metric(width, tensors["components"].shape[0], scale["ridge"])
        metric.load_state_dict(tensors, strict=True)
        distance = metric(x)
        limit = torch.tensor(scale["log_median"] + 2.747781385444993 * scale["log_deviation"]).exp()
        share = (limit / distance).clamp(max=1).float()[:, None]
        inside = torch.where(share < 1, metric.mean + share * (x - metric.mean), x)
        deviations = (distance.log() - scale["log_median"]) / scale["log_deviation"]
        unfamiliar = 50 * torch.erfc(-deviations / 2**0.5)
    damage = torch.zeros(len(x), dtype=torch.float64)
    if scale := record.get("damage"):
        tensors = part(state, "damage.")
        module = Damage(scale, tensors, width)
        module.load_state_dict(tensors, strict=True)
        damage = module(x, motion)

    heads = {n: t for n, t in state.items() if not n.startswith(("familiarity.", "damage."))}
    members = sorted({name.split(".")[1] for name in heads if name.startswith("members.")}, key=int)
    logits = []
    for prefix in [f"members.{member}." for member in members] or [""]:
        tensors = part(heads, prefix)
        model = RPL(width) if "fc1.weight" in tensors else Linear(width)
        model.load_state_dict(tensors, strict=True)
        model.eval()
        with torch.no_grad():
            z = model(inside)
        logits.append(z[:, 1].double() - z[:, 0].double())
    realism = torch.stack(logits).mean(0)

    worst = 0.0
    for index, row in enumerate(map(json.loads, open(rows))):
        found = {"logit": (realism - damage)[index]}
        if "parts" in row:
            found |= {"realism": realism[index], "damage": damage[index]}
        if "unfamiliar" in row:
            found["unfamiliar"] = unfamiliar[index]
        for key, value in found.items():
            known = row.get(key, row.get("parts", {}).get(key))
            worst = max(worst, abs(float(value) - known))
    print(f"{len(x)} inputs, {len(logits)} heads: largest difference {worst:.1e}")
    sys.exit(worst > 1e-3)


if __name__ == "__main__":
    main(*sys.argv[1:])
