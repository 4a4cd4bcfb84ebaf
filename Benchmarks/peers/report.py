"""Rewrites the tables of docs/performance.md from Benchmarks/results: report.py [--check] PAGE

With --check it writes nothing and fails if a table is not what the results say.

Each group of tables is enclosed in `<!-- begin NAME -->` and `<!-- end NAME -->`. Needs only the standard library.
"""

import pathlib
import re
import sys

import results
from levels import FLAGS

ENCODERS = [
    "viclip-base-patch16", "viclip-large-patch14", "clip-vit-base-patch32", "dinov2-small-imgfocus", "inception-v3-fid",
    "i3d-kinetics400", "open-nsfw",
]
PRECISIONS = ["f32", "bf16", "int8"]
TITLES = {"ganrm": "ganrm", "pytorch": "PyTorch", "onnxruntime": "ONNX Runtime", "openvino": "OpenVINO"}
PEERS = [name for name in TITLES if name != "ganrm"]
BEST_FIRST = list(reversed(FLAGS))


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return ["| " + " | ".join(cells) + " |" for cells in lines] + [""]


def title(processor):
    name = processor["microarchitecture"] or processor["name"]
    identity = [processor["name"]] if name != processor["name"] else []
    for key in ["family", "model"]:
        if processor[key] is not None:
            identity.append(f"{key} {processor[key]}")
    return f"{name} ({', '.join(identity)}; {processor['count']} processors)"


def entries(file, benchmark):
    """Of a processor, best level first."""

    def order(entry):
        return (
            BEST_FIRST.index(entry["level"]),
            ENCODERS.index(entry["encoder"]) if "encoder" in entry else entry.get("threads", 0),
            PRECISIONS.index(entry["precision"]) if "precision" in entry else 0,
        )

    return sorted(file.get(benchmark, []), key=order)


def shown(seconds, clips):
    """Seconds per clip; for images, which are measured in batches, images per second."""
    median = seconds["median"]
    text = f"{1 / median:.1f}/s" if clips > 2 else f"{median:.3g} s"
    return f"{text} ±{100 * seconds['spread']:.0f} %"


def fastest_peer(entry):
    """The runtime, and its time as a multiple of ganrm's; None without either."""
    medians = {name: side["seconds_per_clip"]["median"] for name, side in entry["runtimes"].items()}
    ours = medians.pop("ganrm", None)
    if not ours or not medians:
        return None
    fastest = min(medians, key=medians.get)
    return fastest, medians[fastest] / ours


def environments(entries):
    """Commits, dates and versions of measurements, without duplicates; then their notes."""
    rows, notes = [], []
    for entry in entries:
        versions = ", ".join(f"{name} {version}" for name, version in entry["versions"].items())
        row = [entry["commit"], entry["date"], versions]
        if row not in rows:
            rows.append(row)
        if entry.get("note") and entry["note"] not in notes:
            notes.append(entry["note"])
    return table(["commit", "date", "versions"], rows) + [line for note in notes for line in (note, "")]


def ratios(files):
    """Fastest peer / ganrm, everywhere; with a star where a peer that has the precision is missing."""
    rows = []
    for file in files:
        found = {}
        for entry in entries(file, "encoders"):
            cells = found.setdefault((entry["level"], entry["encoder"]), {})
            if ratio := fastest_peer(entry):
                cells[entry["precision"]] = f"{ratio[1]:.2f}" + ("" if "openvino" in entry["runtimes"] else " *")
        name = file["processor"]["microarchitecture"] or file["processor"]["name"]
        rows += [
            [name, level, encoder, *(cells.get(precision, "–") for precision in PRECISIONS)]
            for (level, encoder), cells in found.items()
        ]
    return table(["processor", "level", "encoder", *PRECISIONS], rows)


def by_processor(files, benchmark, tables):
    """A section for each processor that has the benchmark."""
    lines = []
    for file in files:
        if found := entries(file, benchmark):
            lines += [f"### {title(file['processor'])}", "", *tables(found)]
    return lines


def encoders(found):
    rows, settings, accuracies = [], [], []
    for entry in found:
        name = [entry["level"], entry["encoder"], entry["precision"]]
        sides = entry["runtimes"]
        times = [
            shown(sides[runtime]["seconds_per_clip"], entry["clips"]) if runtime in sides else "–"
            for runtime in TITLES
        ]
        ratio = fastest_peer(entry)
        rows.append([*name, *times, f"**{ratio[1]:.2f}** ({TITLES[ratio[0]]})" if ratio else "–"])
        settings.append([*name, *(sides[peer]["setting"] if peer in sides else "–" for peer in PEERS)])
        accuracies.append(
            [*name, *(accuracy(sides[runtime]["accuracy"]) if runtime in sides else "–" for runtime in TITLES)])
    start = ["level", "encoder", "precision"]
    peers = [TITLES[peer] for peer in PEERS]
    return [
        *table([*start, *TITLES.values(), "fastest peer / ganrm"], rows),
        "Fastest setting of each peer:", "",
        *table([*start, *peers], settings),
        "Agreement with the embeddings of PyTorch in f32: smallest cosine / median cosine / Spearman; copied results "
        "only have the first:", "",
        *table([*start, *TITLES.values()], accuracies),
        *environments(found),
    ]


def accuracy(values):
    keys = ["smallest_cosine", "median_cosine", "spearman"]
    return " / ".join(f"{values[key]:.5f}" for key in keys if key in values)


def layers(found):
    measured = [entry for entry in found if "profile" in entry]
    # Other load on the machine disturbs the short measurement of the peak, so the highest value of a level and
    # precision is used.
    peaks = {}
    for entry in measured:
        key = entry["level"], entry["precision"]
        peaks[key] = max(entry["profile"]["peak_gflops"], peaks.get(key, 0))
    rows = []
    for entry in measured:
        profile, peak = entry["profile"], peaks[entry["level"], entry["precision"]]
        total = sum(profile["layers"].values())
        kinds = ["linear", "attention", "rest", "waiting"]
        shares = [f"{100 * profile['layers'][kind] / total:.0f} %" for kind in kinds]
        rows.append([
            entry["level"], entry["encoder"], entry["precision"], f"{profile['gflops']:.0f}",
            f"{100 * profile['gflops'] / peak:.0f} % of {peak:.0f}", *shares,
        ])
    header = ["level", "encoder", "precision", "GFLOP/s", "share of peak", "linear", "attention", "other", "idle"]
    return table(header, rows)


def end_to_end(found):
    """A row for each precision; int8 also meets Python in the other one, which some would rather take."""
    rows, scores = [], []
    for entry in found:
        for key, what in [("wall", f"{entry['videos']} videos, wall time"),
                          ("processor", f"{entry['videos']} videos, processor time"),
                          ("first", "one video, including process start")]:
            medians = {side: seconds["median"] for side, seconds in entry[key].items()}
            for precision in [entry["precision"], "int8"]:
                ours, same = medians[f"ganrm {precision}"], medians.get(f"python {precision}")
                theirs = [medians.get(f"python {name}") for name in {precision, entry["precision"]}]
                fastest = min(seconds for seconds in theirs if seconds)
                rows.append([
                    entry["level"], what, precision, f"{ours:.2f} s", f"{same:.2f} s" if same else "–",
                    f"**{fastest / ours:.2f}**",
                ])
        main = f"ganrm {entry['precision']}"
        alone, wall = entry["encoder_alone"]["median"], entry["wall"][main]["median"]
        ranks = ", ".join(f"{side} {value:.4f}" for side, value in entry["rank_correlation"].items())
        scores.append([entry["level"], main, f"{alone:.2f} s", f"{wall / alone:.2f}", ranks])
    return [
        *table(["level", "measurement", "precision", "ganrm", "Python", "fastest Python / ganrm"], rows),
        *table(["level", "reference", "encoder alone", "whole job / encoder alone", "rank correlation"], scores),
        *environments(found),
    ]


def training(found):
    """Entries without seconds only have a ratio."""
    rows = []
    for entry in found:
        start = [entry["level"], str(entry["threads"])]
        if "ratio" in entry:
            rows.append([*start, "–", "–", f"**{entry['ratio']}**"])
            continue
        seconds = dict(entry["seconds"])
        ours = seconds.pop("ganrm")
        fastest = min(seconds, key=lambda side: seconds[side]["median"])
        rows.append([
            *start, shown(ours, 1), f"{shown(seconds[fastest], 1)} ({fastest})",
            f"**{seconds[fastest]['median'] / ours['median']:.2f}**",
        ])
    header = ["level", "threads", "ganrm train", "PyTorch, fastest loop", "PyTorch / ganrm"]
    return table(header, rows) + environments(found)


def section(files, name):
    """The tables of a part of the page; None for a part that another program draws."""
    parts = {
        "ratios": lambda: ratios(files),
        "encoders": lambda: by_processor(files, "encoders", encoders),
        "layers": lambda: by_processor(files, "encoders", layers),
        "end-to-end": lambda: by_processor(files, "end_to_end", end_to_end),
        "training": lambda: by_processor(files, "training", training),
    }
    return "\n".join(parts[name]()).rstrip("\n") if name in parts else None


def main():
    *is_check, page = sys.argv[1:]
    page = pathlib.Path(page)
    files = results.files()

    def redrawn(match):
        tables = section(files, match[1])
        return match[0] if tables is None else f"<!-- begin {match[1]} -->\n{tables}\n<!-- end {match[1]} -->"

    text = page.read_text()
    made = re.sub(r"<!-- begin (\S+) -->.*?<!-- end \1 -->", redrawn, text, flags=re.DOTALL)
    if not is_check:
        page.write_text(made)
    elif made != text:
        sys.exit(f"{page}: tables differ from Benchmarks/results; run scripts/bench-peers report")


if __name__ == "__main__":
    main()
