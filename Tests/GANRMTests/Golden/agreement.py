"""Golden values for `ganrm eval --benchmark`, from NumPy and SciPy.

    pip install numpy==2.4.6 scipy==1.17.1
    python agreement.py                                  # writes agreement.json
    python agreement.py --check VIDEOALIGN HPSV2         # and compares with the published functions

Annotations and logits are random; logits have few decimals, so that JSON represents them exactly. For
each case of pairs:

    without_ties, with_ties    accuracy, the latter by an exhaustive search of the threshold (O(n²))
    threshold                  the smallest threshold with that accuracy
    plcc, srcc, krcc           scipy.stats pearsonr, spearmanr and kendalltau with the ratings

and for the rankings `accuracy` as in ImageReward's test.py, and `mean_accuracy` and
`mean_inversion_accuracy` as in HPSv2's evaluation.py for the ImageReward and the HPD v2 test set.

`--check` takes clones of KwaiVGI/VideoAlign (219ab9d) and tgxs002/HPSv2 (866735e). VideoAlign's
calc_accuracy_with_ties processes pairs one by one, even if their score differences are equal. So the values are
compared for equality only in cases without equal differences; otherwise the published value must not be lower.

Tolerance in the tests: 1e-12, for sums in another order.
"""

import argparse
import ast
import json
import math
import pathlib

import numpy
from scipy import stats

HERE = pathlib.Path(__file__).resolve().parent
SIGNS = {"A": 1, "B": -1, "same": 0}

# name, videos, pairs, decimals of the logits
CASES = [
    ("all distances differ", 60, 120, 6),
    ("distances repeat", 40, 150, 1),
    ("a handful", 4, 3, 3),
]
RANKINGS = 12


def with_ties(human, difference):
    best = (-1.0, 0.0)
    for threshold in sorted(set(map(abs, difference))):
        correct = 0
        for h, d in zip(human, difference):
            tie = abs(d) <= threshold
            correct += h == 0 if tie else h * d > 0
        if correct / len(human) > best[0]:
            best = (correct / len(human), threshold)
    return best


def without_ties(human, difference):
    counted = [h * d > 0 for h, d in zip(human, difference) if h]
    return sum(counted) / len(counted)


def case(generator, name, videos, pairs, decimals):
    quality = generator.normal(size=videos)
    logits = [round(float(q), decimals) for q in quality + generator.normal(size=videos)]
    ratings = [round(float(r), 2) for r in 50 + 10 * quality + 4 * generator.normal(size=videos)]
    rows = []
    for _ in range(pairs):
        first, second = (int(i) for i in generator.choice(videos, 2, replace=False))
        gap = quality[first] - quality[second] + 0.5 * generator.normal()
        rows.append([first, second, "same" if abs(gap) < 0.6 else "A" if gap > 0 else "B"])
    human = [SIGNS[label] for _, _, label in rows]
    difference = [logits[first] - logits[second] for first, second, _ in rows]
    accuracy, threshold = with_ties(human, difference)
    return {
        "name": name, "logits": logits, "ratings": ratings, "pairs": rows,
        "without_ties": without_ties(human, difference), "with_ties": accuracy,
        "threshold": threshold, "plcc": float(stats.pearsonr(ratings, logits)[0]),
        "srcc": float(stats.spearmanr(ratings, logits)[0]),
        "krcc": float(stats.kendalltau(ratings, logits)[0]),
    }


def rankings(generator):
    entries = []
    for number in range(RANKINGS):
        count = int(generator.integers(2, 8))
        ranks = [int(r) for r in generator.integers(1, 6, size=count)]
        if len(set(ranks)) == 1:
            ranks[0] += 1
        logits = [round(float(x - 0.7 * r), 5) for x, r in zip(generator.normal(size=count), ranks)]
        entries.append({"ranks": ranks, "logits": logits})
    correct, counted, means, inversions = 0, 0, [], []
    for entry in entries:
        ranks, logits = entry["ranks"], entry["logits"]
        pairs = [(i, j) for i in range(len(ranks)) for j in range(i + 1, len(ranks))]
        strict = [(i, j) for i, j in pairs if ranks[i] != ranks[j]]
        good = sum((ranks[i] < ranks[j]) == (logits[i] > logits[j]) for i, j in strict)
        correct, counted = correct + good, counted + len(strict)
        means.append(good / len(strict))
        inversions.append(1 - (len(strict) - good) / len(pairs))
    return {
        "entries": entries, "accuracy": correct / counted,
        "mean_accuracy": math.fsum(means) / len(means),
        "mean_inversion_accuracy": math.fsum(inversions) / len(inversions),
    }


def functions(path, *names):
    """Loads functions from a file that cannot be imported without GPU libraries."""
    tree = ast.parse(path.read_text())
    wanted = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name in names]
    scope = {}
    exec(compile(ast.Module(wanted, []), str(path), "exec"), scope)
    return [scope[name] for name in names]


def check(golden, videoalign, hpsv2):
    published_with, published_without = functions(
        videoalign / "calc_accuracy.py", "calc_accuracy_with_ties", "calc_accuracy_without_ties",
        "suff_stats", "calc_acc")[:2]
    for case in golden["pairs"]:
        human = [SIGNS[label] for _, _, label in case["pairs"]]
        difference = [case["logits"][i] - case["logits"][j] for i, j, _ in case["pairs"]]
        assert published_without(human, difference) == case["without_ties"], case["name"]
        published = published_with(human, difference)
        if len(set(map(abs, difference))) == len(difference):
            assert published == case["with_ties"], case["name"]
        else:
            assert published >= case["with_ties"], case["name"]
        print(f"{case['name']}: {published} (published), {case['with_ties']}")
    ranks, training = golden["rankings"], hpsv2 / "hpsv2/src/training/train.py"
    inversion_score, image_reward = functions(training, "inversion_score", "calc_ImageReward")
    orders = [
        [sorted(entry["logits"], reverse=True).index(x) for x in entry["logits"]]
        for entry in ranks["entries"]
    ]
    entries = ranks["entries"]
    scores = [inversion_score(o, entry["ranks"]) for o, entry in zip(orders, entries)]
    assert math.isclose(sum(scores) / len(scores), ranks["mean_inversion_accuracy"])
    scores = [image_reward(entry["logits"], entry["ranks"]) for entry in entries]
    assert math.isclose(sum(scores) / len(scores), ranks["mean_accuracy"])
    print("rankings: equal")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", nargs=2, type=pathlib.Path, metavar=("VIDEOALIGN", "HPSV2"))
    arguments = parser.parse_args()
    generator = numpy.random.default_rng(0)
    golden = {
        "pairs": [case(generator, *numbers) for numbers in CASES],
        "rankings": rankings(generator),
    }
    (HERE / "agreement.json").write_text(json.dumps(golden) + "\n")
    if arguments.check:
        check(golden, *arguments.check)


main()
