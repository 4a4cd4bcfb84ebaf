"""Rewrites the tables of docs/performance.md from the measurements: report.py PAGE

Each table is enclosed in `<!-- begin NAME -->` and `<!-- end NAME -->`: `encoders`, `layers`, `end-to-end`.
"""

import json
import pathlib
import re
import statistics
import sys

folder = pathlib.Path(__file__).resolve().parents[2] / ".build/peers/results"
end_to_end_path = folder / "end-to-end.json"
ORDER = ["viclip-base-patch16", "viclip-large-patch14", "clip-vit-base-patch32", "dinov2-small-imgfocus"]
TITLES = {"ganrm": "ganrm", "pytorch": "PyTorch", "onnxruntime": "ONNX Runtime", "openvino": "OpenVINO"}
PEERS = [name for name in TITLES if name != "ganrm"]


def results():
    found = [json.loads(path.read_text()) for path in folder.glob("*.json") if path != end_to_end_path]
    return sorted(
        found, key=lambda result: (ORDER.index(result["encoder"]), ["f32", "bf16", "int8"].index(result["precision"]))
    )


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return ["| " + " | ".join(cells) + " |" for cells in lines]


def shown(seconds, clips):
    """Seconds per clip; for images, which are measured in batches, images per second."""
    median = statistics.median(seconds)
    spread = (max(seconds) - min(seconds)) / median
    text = f"{1 / median:.1f}/s" if clips > 2 else f"{median:.3g} s"
    return f"{text} ±{50 * spread:.0f} %"


def environments(results):
    """The machines, commits and versions of the measurements, without duplicates."""
    rows = []
    for result in results:
        versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
        row = [result["machine"], result["commit"], result["date"], versions]
        if row not in rows:
            rows.append(row)
    return ["Test environment:", "", *table(["machine", "commit", "date", "versions"], rows)]


def encoders():
    found = results()
    rows, settings, cosines = [], [], []
    for result in found:
        name = [result["encoder"], result["precision"]]
        medians = {runtime: statistics.median(seconds) for runtime, seconds in result["seconds"].items()}
        peers = {runtime: value for runtime, value in medians.items() if runtime != "ganrm"}
        fastest = min(peers, key=peers.get)
        cells = [
            shown(result["seconds"][runtime], result["clips"]) if runtime in result["seconds"] else "–"
            for runtime in TITLES
        ]
        ratio = f"**{peers[fastest] / medians['ganrm']:.2f}** ({TITLES[fastest]})" if "ganrm" in medians else "–"
        rows.append([*name, *cells, ratio])
        settings.append([*name, *(result["variants"].get(peer, "–") for peer in PEERS)])
        values = result["cosines"]
        cosines.append(
            [*name, *(f"{values[runtime]:.5f}" if runtime in values else "–" for runtime in TITLES)]
        )
    titles = list(TITLES.values())
    peer_titles = [TITLES[peer] for peer in PEERS]
    return [
        *table(["encoder", "precision", *titles, "fastest peer / ganrm"], rows),
        "", *environments(found),
        "", "Fastest setting of each peer:",
        "", *table(["encoder", "precision", *peer_titles], settings),
        "", "Smallest cosine similarity to the embeddings of PyTorch in f32:",
        "", *table(["encoder", "precision", *titles], cosines),
    ]


def layers():
    measured = [result for result in results() if result["ganrm"]]
    # Other load on the machine disturbs the short measurement of the peak, so the highest value of a precision is used.
    peaks = {}
    for result in measured:
        peak = result["ganrm"]["encode"]["peak_gflops"]
        peaks[result["precision"]] = max(peak, peaks.get(result["precision"], 0))
    rows = []
    for result in measured:
        encode = result["ganrm"]["encode"]
        peak = peaks[result["precision"]]
        parts = encode["layers"]
        total = sum(parts.values())
        shares = [f"{100 * parts[kind] / total:.0f} %" for kind in ("linear", "attention", "rest", "waiting")]
        rows.append([
            result["encoder"], result["precision"], f"{encode['gflops']:.0f}",
            f"{100 * encode['gflops'] / peak:.0f} % of {peak:.0f}", *shares,
        ])
    return table(
        ["encoder", "precision", "GFLOP/s", "share of peak", "linear", "attention", "other", "idle"], rows
    )


def end_to_end():
    result = json.loads(end_to_end_path.read_text())
    median = {key: {side: statistics.median(values) for side, values in result[key].items()}
              for key in ["wall", "processor", "first"]}
    rows = []
    for key, title in [("wall", f"{result['videos']} videos, wall time"),
                       ("processor", f"{result['videos']} videos, processor time"),
                       ("first", "one video, including process start")]:
        bf16, int8, python = (median[key][side] for side in ["ganrm", "ganrm int8", "python"])
        rows.append([title, f"{bf16:.2f} s", f"{int8:.2f} s", f"{python:.2f} s", f"**{python / bf16:.2f}**",
                     f"**{python / int8:.2f}**"])
    alone = statistics.median(result["encoder_alone"])
    ranks = result["rank_correlation"]
    comparisons = [
        ["encoder only, bf16, for as many clips", f"{alone:.2f} s"],
        ["ganrm bf16 / encoder only", f"{median['wall']['ganrm'] / alone:.2f}"],
        ["rank correlation with the scores of ganrm bf16: ganrm int8", f"{ranks['ganrm int8']:.4f}"],
        ["rank correlation with the scores of ganrm bf16: Python", f"{ranks['python']:.3f}"],
    ]
    header = [
        "measurement", "ganrm bf16", "ganrm int8", "Python bf16", "Python / ganrm bf16", "Python / ganrm int8",
    ]
    return [
        *table(header, rows),
        "", *table(["comparison", "value"], comparisons),
        "", *environments([result]),
    ]


def main():
    page = pathlib.Path(sys.argv[1])
    text = page.read_text()
    for name, section, measured in [
        ("encoders", encoders, results()), ("layers", layers, results()),
        ("end-to-end", end_to_end, end_to_end_path.exists()),
    ]:
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        replacement = "\n".join([begin, *(section() if measured else ["Not measured yet."]), end])
        text = re.sub(re.escape(begin) + ".*" + re.escape(end), lambda _: replacement, text, flags=re.DOTALL)
    page.write_text(text)


if __name__ == "__main__":
    main()
