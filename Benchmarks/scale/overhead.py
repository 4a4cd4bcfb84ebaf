#!/usr/bin/env python3
"""What ganrm.integrations.ray.Scorer adds to a row, with a command that answers at once: overhead.py [ROWS]

The command is `sed`, so that the time is that of pipes, JSON, threads and Arrow, not of a model.
"""

import os
import pathlib
import statistics
import sys
import tempfile
import time

import pyarrow

from ganrm.integrations.ray import Scorer

ROW = '{"score":0.5,"logit":0.25,"precision":"f32","model":{"fingerprint":"0123456789ab"}}'


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    with tempfile.TemporaryDirectory() as name:
        command = pathlib.Path(name, "ganrm")
        command.write_text(f"#!/bin/sh\nexec sed -u 's/.*/{ROW}/'\n")
        command.chmod(0o755)
        os.environ["GANRM_COMMAND"] = str(command)
        scorer = Scorer(threads=1)
        batch = pyarrow.table({"path": [f"/data/clips/{row:06}.mp4" for row in range(rows)]})
        scorer(batch.slice(0, 1))
        times = []
        for _ in range(7):
            begin = time.perf_counter(), time.process_time()
            scorer(batch)
            times.append(((time.perf_counter() - begin[0]) / rows, (time.process_time() - begin[1]) / rows))
        wall, processor = (sorted(kind) for kind in zip(*times, strict=True))
        print(f"wall: median {statistics.median(wall) * 1e6:.0f} µs per row, {wall[0] * 1e6:.0f} at best")
        print(f"processor time: median {statistics.median(processor) * 1e6:.0f} µs per row")


if __name__ == "__main__":
    main()
