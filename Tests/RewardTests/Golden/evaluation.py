"""Golden values for evaluation metrics, from SciPy and scikit-learn.

    pip install torch==2.* numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 safetensors
    python evaluation.py    # writes evaluation.json

Samples are drawn from the seeds below. Resamples are drawn as documented in Sources/Statistics/GroupBootstrap.swift,
with the generator of training.py, whose import needs PyTorch.

Tolerances in the tests: 1e-12, for sums in another order. The interval of a mean from `scipy.stats.bootstrap` uses
other resamples: 0.01, three times the difference between two seeds of SciPy.
"""

import json
import pathlib

import numpy
import scipy.stats
from sklearn.calibration import calibration_curve
from sklearn.metrics import log_loss, roc_auc_score, roc_curve

from training import Generator

RESAMPLING = 16


def resamples(groups, count, seed):
    """Yields `count` resamples: indices of as many groups as exist, drawn with replacement.

    Groups are ordered by name, followed by the samples without a group.
    """
    named = sorted({group for group in groups if group is not None})
    members = [[i for i, g in enumerate(groups) if g == group] for group in named]
    members += [[i] for i, group in enumerate(groups) if group is None]
    generator = Generator(seed, RESAMPLING)
    for _ in range(count):
        yield sum((members[generator.below(len(members))] for _ in members), [])


def interval(values):
    values = [value for value in values if value is not None]
    return numpy.percentile(values, [2.5, 97.5]).tolist()


def samples(seed, count, levels):
    """Logits on a grid, so that some are tied, and higher for proxies; every third sample is a proxy."""
    random = numpy.random.default_rng(seed)
    labels = [int(i % 3 == 0) for i in range(count)]
    logits = [float(numpy.round((random.normal() + y) * levels) / levels) for y in labels]
    return logits, labels


def intervals():
    cases = []
    for seed, count, levels, names, drawn in ((1, 90, 10, 12, 200), (2, 9, 2, 4, 100), (3, 40, 1000, 0, 300)):
        logits, labels = samples(seed, count, levels)
        # A fifth of the samples have no group; without names all of them.
        groups = [None if names == 0 or i % 5 == 0 else f"g{i * i % names}" for i in range(count)]
        auc, loss = [], []
        for indices in resamples(groups, drawn, seed):
            y, z = numpy.array(labels)[indices], numpy.array(logits)[indices]
            auc.append(roc_auc_score(y, z) if 0 < y.sum() < len(y) else None)
            loss.append(log_loss(y, 1 / (1 + numpy.exp(-z)), labels=[0, 1]))
        cases.append(
            {
                "seed": seed,
                "resamples": drawn,
                "logits": logits,
                "labels": labels,
                "groups": groups,
                "auc": interval(auc),
                "auc_left_out": auc.count(None),
                "loss": interval(loss),
            }
        )
    return cases


def mean():
    values = numpy.random.default_rng(4).normal(size=200).tolist()
    found = scipy.stats.bootstrap(
        (values,), numpy.mean, n_resamples=20000, method="percentile", rng=numpy.random.default_rng(5)
    ).confidence_interval
    return {"values": values, "scipy": [float(found.low), float(found.high)]}


def curves():
    """ROC and reliability curves of scikit-learn; the error is the weighted mean gap of the latter."""
    cases = []
    for seed, count, levels in ((6, 12, 2), (7, 300, 20), (8, 300, 10**6)):
        logits, labels = samples(seed, count, levels)
        probabilities = 1 / (1 + numpy.exp(-numpy.array(logits)))
        false, true, thresholds = roc_curve(labels, logits)
        shares, means = calibration_curve(labels, probabilities, n_bins=15)
        counts = numpy.histogram(probabilities, bins=numpy.linspace(0, 1, 16))[0]
        counts = counts[counts > 0]
        cases.append(
            {
                "logits": logits,
                "labels": labels,
                # The first threshold is infinite.
                "thresholds": thresholds[1:].tolist(),
                "false": false.tolist(),
                "true": true.tolist(),
                "counts": counts.tolist(),
                "means": means.tolist(),
                "shares": shares.tolist(),
                "error": float(numpy.sum(counts * abs(means - shares)) / count),
            }
        )
    return cases


def correlations():
    """Scores and ratings with few and many ties; prompts with few candidates, some of them constant."""
    cases = []
    for seed, count, levels, prompts in ((9, 2, 1000, 1), (10, 40, 3, 12), (11, 500, 50, 150)):
        random = numpy.random.default_rng(seed)
        scores = numpy.round(random.normal(size=count) * levels) / levels
        ratings = numpy.round(scores + random.normal(size=count))
        names = [f"p{random.integers(prompts)}" for _ in range(count)]
        each = []
        for name in sorted(set(names)):
            members = [i for i, n in enumerate(names) if n == name]
            x, y = scores[members], ratings[members]
            if len(set(x)) > 1 and len(set(y)) > 1:
                each.append((scipy.stats.spearmanr(x, y)[0], scipy.stats.kendalltau(x, y)[0]))
        cases.append(
            {
                "scores": scores.tolist(),
                "ratings": ratings.tolist(),
                "prompts": names,
                "spearman": float(scipy.stats.spearmanr(scores, ratings)[0]),
                "kendall": float(scipy.stats.kendalltau(scores, ratings)[0]),
                "prompt_count": len(each),
                "prompt_spearman": float(numpy.mean([s for s, _ in each])),
                "prompt_kendall": float(numpy.mean([k for _, k in each])),
            }
        )
    return cases


if __name__ == "__main__":
    golden = {
        "intervals": intervals(),
        "mean": mean(),
        "curves": curves(),
        "correlations": correlations(),
    }
    with open(pathlib.Path(__file__).parent / "evaluation.json", "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")
