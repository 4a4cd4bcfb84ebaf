"""Loads a head into PyTorch with strict=True and compares its logits with those of ganrm.

    python check_head.py head.safetensors values.safetensors

values.safetensors holds `embeddings` [n, D] and the `logits` [n, 2] that ganrm computed for them.
"""

import sys

import safetensors.torch
import torch

from training import RPL

state = safetensors.torch.load_file(sys.argv[1])
values = safetensors.torch.load_file(sys.argv[2])
model = RPL(values["embeddings"].shape[1])
print(model.load_state_dict(state, strict=True))
model.eval()
with torch.no_grad():
    difference = (model(values["embeddings"]) - values["logits"]).abs().max().item()
print(f"largest difference of a logit: {difference:.2e}")
sys.exit(difference > 1e-5)
