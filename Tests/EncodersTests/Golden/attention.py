"""Writes `attention.safetensors`: results of PyTorch's scaled_dot_product_attention in float64.

    python attention.py

Needs torch, numpy and safetensors from PyPI (values generated with torch 2.15.0). Queries, keys and
values come from `splitmix.py`, as in `AttentionCase.swift`; a case is named
`tokens x head width x scale of queries and keys`. `f32` is computed from these values, `bf16` from
the values rounded to bfloat16. Only the results of the first queries are kept.
"""

import pathlib

import torch
from safetensors.torch import save_file
from splitmix import numbers

CASES = [(tokens, 64, 2) for tokens in (1, 2, 15, 16, 17, 50, 197, 257, 1569)]
CASES += [(50, 16, 2), (50, 32, 2), (50, 88, 2), (257, 64, 8), (257, 64, 40)]
QUERIES = 13

tensors = {}
for tokens, width, scale in CASES:
    case = f"{tokens}x{width}x{scale}"
    q, k, v = (
        torch.from_numpy(numbers(f"attention/{case}/{part}", (tokens, width), s))
        for part, s in (("queries", scale), ("keys", scale), ("values", 1))
    )
    for precision, kind in (("f32", torch.float32), ("bf16", torch.bfloat16)):
        output = torch.nn.functional.scaled_dot_product_attention(
            *(x.to(kind).double()[None, None] for x in (q[:QUERIES], k, v))
        )
        tensors[f"{case}/{precision}"] = output[0, 0].float().contiguous()
save_file(tensors, pathlib.Path(__file__).parent / "attention.safetensors")
