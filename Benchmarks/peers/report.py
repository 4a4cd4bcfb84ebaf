"""Redraws the tables of docs/performance.md from what was measured: report.py PAGE

A table stands between `<!-- begin NAME -->` and `<!-- end NAME -->`: `encoders`, `layers`, `end-to-end`.
"""

import json
import pathlib
import re
import statistics
import sys

folder = pathlib.Path(__file__).resolve().parents[2] / ".build/peers/results"
whole_job = folder / "end-to-end.json"
ORDER = ["viclip-base-patch16", "viclip-large-patch14", "clip-vit-base-patch32", "dinov2-small-imgfocus"]
TITLES = {"ganrm": "ganrm", "pytorch": "PyTorch", "onnxruntime": "ONNX Runtime", "openvino": "OpenVINO"}


def results():
    found = [json.loads(path.read_text()) for path in folder.glob("*.json") if path != whole_job]
    return sorted(found, key=lambda one: (ORDER.index(one["encoder"]), ["f32", "bf16", "int8"].index(one["precision"])))


def shown(seconds, clips):
    """Seconds of a clip; of pictures, which come in batches, how many a second."""
    median = statistics.median(seconds)
    spread = (max(seconds) - min(seconds)) / median
    text = f"{1 / median:.1f}/s" if clips > 2 else f"{median:.3g} s"
    return f"{text} ±{50 * spread:.0f} %"


def surroundings(results):
    """Whoever measured, and with what."""
    lines = []
    for one in results:
        versions = ", ".join(f"{name} {version}" for name, version in one["versions"].items())
        line = f"{one['machine']}, commit {one['commit']}, {one['date']}; {versions}."
        if line not in lines:
            lines.append(line)
    return lines


def encoders():
    lines = [
        "| encoder | precision | ganrm | PyTorch | ONNX Runtime | OpenVINO | fastest peer / ganrm |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    found = results()
    for one in found:
        medians = {name: statistics.median(seconds) for name, seconds in one["seconds"].items()}
        peers = {name: value for name, value in medians.items() if name != "ganrm"}
        fastest = min(peers, key=peers.get)
        cells = [
            shown(one["seconds"][name], one["clips"]) if name in one["seconds"] else "–" for name in TITLES
        ]
        ratio = f"**{peers[fastest] / medians['ganrm']:.2f}** ({TITLES[fastest]})" if "ganrm" in medians else "–"
        lines.append(f"| {one['encoder']} | {one['precision']} | " + " | ".join(cells) + f" | {ratio} |")
    lines += ["", "Measured in turn on " + " ".join(surroundings(found))]
    settings = {
        f"{TITLES[runtime]} {one['precision']} on {one['encoder']}: {variant}"
        for one in found for runtime, variant in one["variants"].items()
    }
    cosines = [f"{one['encoder']} {one['precision']}: " + ", ".join(
        f"{TITLES[name]} {value:.5f}" for name, value in one["cosines"].items()) for one in found]
    lines += ["", "Settings that were fastest: " + "; ".join(sorted(settings)) + "."]
    lines += ["", "Smallest cosine to PyTorch in f32: " + "; ".join(cosines) + "."]
    return lines


def layers():
    lines = [
        "| encoder | precision | GFLOP/s | share of the peak | linear | attention | rest | waiting |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    measured = [one for one in results() if one["ganrm"]]
    # Neighbours disturb the few seconds in which a run looks for the peak: the highest of a precision is next to it.
    peaks = {}
    for one in measured:
        peak = one["ganrm"]["encode"]["peak_gflops"]
        peaks[one["precision"]] = max(peak, peaks.get(one["precision"], 0))
    for one in measured:
        encode = one["ganrm"]["encode"]
        peak = peaks[one["precision"]]
        parts = encode["layers"]
        total = sum(parts.values())
        shares = [f"{100 * parts[kind] / total:.0f} %" for kind in ("linear", "attention", "rest", "waiting")]
        lines.append(
            f"| {one['encoder']} | {one['precision']} | {encode['gflops']:.0f} | "
            f"{100 * encode['gflops'] / peak:.0f} % of {peak:.0f} | " + " | ".join(shares) + " |"
        )
    return lines


def end_to_end():
    one = json.loads(whole_job.read_text())
    median = {key: {side: statistics.median(values) for side, values in one[key].items()}
              for key in ["wall", "processor", "first"]}
    lines = ["| | ganrm bf16 | ganrm int8 | Python bf16 | Python / ganrm bf16 | / int8 |",
             "| --- | --- | --- | --- | --- | --- |"]
    for key, title in [("wall", f"{one['videos']} videos, wall"), ("processor", f"{one['videos']} videos, processor"),
                       ("first", "one video, from the start of the process")]:
        bf16, int8, python = (median[key][side] for side in ["ganrm", "ganrm int8", "python"])
        lines.append(f"| {title} | {bf16:.2f} s | {int8:.2f} s | {python:.2f} s | **{python / bf16:.2f}** | "
                     f"**{python / int8:.2f}** |")
    alone = statistics.median(one["encoder_alone"])
    ranks = one["rank_correlation"]
    lines += ["", f"The encoder alone takes {alone:.2f} s in bf16 for as many clips: the whole job is "
              f"{median['wall']['ganrm'] / alone:.2f} times that. Rank correlation to the scores of ganrm bf16: "
              f"int8 {ranks['ganrm int8']:.4f}, Python {ranks['python']:.3f}.",
              "", "Measured in turn on " + surroundings([one])[0]]
    return lines


def main():
    page = pathlib.Path(sys.argv[1])
    text = page.read_text()
    for name, table, measured in [
        ("encoders", encoders, results()), ("layers", layers, results()), ("end-to-end", end_to_end, whole_job.exists()),
    ]:
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        made = "\n".join([begin, *(table() if measured else ["Not measured yet."]), end])
        text = re.sub(re.escape(begin) + ".*" + re.escape(end), lambda _: made, text, flags=re.DOTALL)
    page.write_text(text)


if __name__ == "__main__":
    main()
