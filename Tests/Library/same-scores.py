#!/usr/bin/env python3
"""Checks that other programs give the same scores as the command: same-scores.py COMMAND OTHER...

COMMAND is a file of rows of `ganrm score --per clip`; OTHER is the output of an example, the frei0r plug-in or a
program of this folder: lines of JSON, of examples/c/score.c, or logits only.
"""

import json
import math
import re
import statistics
import sys


def clips(path):
    """Returns (logit, start, end, frames) of each clip, None for missing values, and the mean row or None."""
    found, mean = [], None
    for line in open(path):
        start = end = frames = None
        if match := re.fullmatch(r"(.*) to (.*) s: .*logit (.*)\n", line):
            start, end, logit = map(float, match.groups())
        elif line.startswith("{"):
            row = json.loads(line)
            if "mean" in row:
                mean = row
                continue
            logit = row["logit"]
            start, end = (row.get(key, row.get(f"{key}_seconds")) for key in ("start", "end"))
            indices = row.get("indices") or [row["first_frame"], row["last_frame"]]
            frames = indices[0], indices[-1]
        else:
            logit = float(line)
        found.append((logit, start, end, frames))
    return found, mean


def main(command, *others):
    expected, _ = clips(command)
    assert len(expected) >= 4, f"{command} has only {len(expected)} clips"
    for other in others:
        found, mean = clips(other)
        assert len(found) == len(expected), f"{other} has {len(found)} clips, not {len(expected)}"
        difference = max(abs(ours[0] - theirs[0]) for ours, theirs in zip(found, expected))
        print(f"{other}: {len(found)} clips, logits within {difference:.1e}", file=sys.stderr)
        assert difference < 1e-5, f"{other}: {found}, not {expected}"
        for ours, theirs in zip(found, expected):
            # The C example prints milliseconds.
            times = zip(ours[1:3], theirs[1:3])
            same = all(time is None or abs(time - exact) < 6e-4 for time, exact in times)
            assert same and ours[3] in (None, theirs[3]), f"{other}: {ours}, not {theirs}"
        if mean:
            logit = statistics.fmean(row[0] for row in expected)
            assert mean["clips"] == len(expected) and abs(mean["logit"] - logit) < 1e-5, mean
            assert abs(mean["mean"] - 1 / (1 + math.exp(-logit))) < 1e-5, mean


if __name__ == "__main__":
    main(*sys.argv[1:])
