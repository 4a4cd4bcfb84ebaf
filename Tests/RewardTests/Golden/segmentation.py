"""Golden values for the segmentation of curves, from ruptures.

    pip install ruptures==1.1.10 numpy==2.4.6
    python segmentation.py    # writes segmentation.json

Curves are steps with noise, drifts with noise, and noise alone, drawn from the seeds below and rounded to six
decimals. `cuts` are the ends of the segments: the best of ruptures' exact partitions into 1, 2, … segments
(`KernelCPD(kernel="linear").predict(n_bkps=…)`, whose cost is the sum of squared deviations), with the penalty
added per segment. The PELT search of ruptures (`predict(pen=…)`) is not used: with `min_size` it prunes too much
and missed the best partition in 2 of these cases.
"""

import json
import pathlib

import numpy
import ruptures


def curve(seed, count):
    generator = numpy.random.default_rng(seed)
    noise = generator.normal(0, generator.uniform(0.2, 1.5), count)
    if seed % 3 == 0:
        return noise
    if seed % 3 == 1:
        return noise + numpy.cumsum(generator.normal(0, 0.2, count))
    cuts = numpy.sort(generator.choice(numpy.arange(1, count), size=min(count - 1, 6), replace=False))
    levels = generator.normal(0, 2, len(cuts) + 1)
    return noise + levels[numpy.searchsorted(cuts, numpy.arange(count), side="right")]


def cost(values, cuts, penalty):
    pieces = zip([0, *cuts], cuts)
    return sum(values[a:b].var() * (b - a) + penalty for a, b in pieces)


cases = []
for seed, count in enumerate([2, 3, 8, 20, 50, 100, 200, 200, 200, 300, 300, 300]):
    values = numpy.round(curve(seed, count), 6)
    for length, penalty in [(1, 0.5), (1, 3.0), (3, 1.0), (8, 4.0)]:
        if 2 * length > count:
            continue
        search = ruptures.KernelCPD(kernel="linear", min_size=length).fit(values[:, None])
        partitions = [[count]] + [search.predict(n_bkps=n) for n in range(1, count // length)]
        cases.append({
            "values": values.tolist(), "length": length, "penalty": penalty,
            "cuts": [int(cut) for cut in min(partitions, key=lambda cuts: cost(values, cuts, penalty))],
        })
pathlib.Path(__file__).with_suffix(".json").write_text(
    json.dumps(cases, separators=(",", ":")).replace("},{", "},\n{") + "\n")
