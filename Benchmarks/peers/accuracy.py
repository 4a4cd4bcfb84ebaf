"""How well embeddings agree with those of PyTorch in f32."""

import numpy as np

# Random linear heads whose ranks of clips are compared.
HEADS = 32


def cosines(made, reference, parts):
    """Of each clip, the smallest of the parts' cosines, of CLS and mean: one must not hide the other."""
    found = []
    for a, b in zip(np.split(made.astype(np.float64), parts, 1), np.split(reference.astype(np.float64), parts, 1)):
        found.append((a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1))
    return np.min(found, axis=0)


def spearman(made, reference):
    """Rank correlation of the scores of clips, the mean over random linear heads of standardised embeddings."""
    mean, deviation = reference.mean(0), reference.std(0) + 1e-12
    heads = np.random.default_rng(0).standard_normal((reference.shape[1], HEADS))
    ranks = [((values - mean) / deviation @ heads).argsort(0).argsort(0) for values in (made, reference)]
    return float(np.mean([np.corrcoef(ranks[0][:, head], ranks[1][:, head])[0, 1] for head in range(HEADS)]))


def agreement(made, reference, parts):
    of_clips = cosines(made, reference, parts)
    return {
        "smallest_cosine": float(of_clips.min()), "median_cosine": float(np.median(of_clips)),
        "spearman": spearman(made, reference), "clips": len(reference),
    }
