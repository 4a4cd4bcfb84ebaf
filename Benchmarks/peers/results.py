"""Results of measurements: a JSON file for each kind of processor in Benchmarks/results.

A file has `processor` and a list for each benchmark, `encoders`, `end_to_end` and `training`. An entry has the keys
that say what was measured (`KEYS`), `date`, `commit` and `versions`, the measurements, and a `note` where they were
not made as the others. A new measurement replaces the entry with the same keys; everything else stays.

Seconds are `{"median", "spread", "runs"}`: the spread is half of the range as a share of the median. Results that were
copied from printed tables have no runs. Only the standard library is needed, so that any machine can redraw the page.
"""

import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess

root = pathlib.Path(__file__).resolve().parents[2]
folder = root / "Benchmarks/results"

# What tells entries of a benchmark apart.
KEYS = {
    "encoders": ["encoder", "precision", "level"],
    "end_to_end": ["level"],
    "training": ["level", "threads"],
}

# Family and models of what a virtual machine calls "AMD EPYC" or "Intel Xeon Processor".
MICROARCHITECTURES = [
    ("GenuineIntel", 6, range(85, 86), "Skylake or Cascade Lake"),
    ("GenuineIntel", 6, range(106, 107), "Ice Lake"),
    ("GenuineIntel", 6, range(143, 144), "Sapphire Rapids"),
    ("GenuineIntel", 6, range(173, 175), "Granite Rapids"),
    ("GenuineIntel", 6, range(207, 208), "Emerald Rapids"),
    ("AuthenticAMD", 23, range(0, 48), "Zen"),
    ("AuthenticAMD", 23, range(48, 256), "Zen 2"),
    ("AuthenticAMD", 25, range(16, 32), "Zen 4"),
    ("AuthenticAMD", 25, range(96, 128), "Zen 4"),
    ("AuthenticAMD", 25, range(160, 176), "Zen 4"),
    ("AuthenticAMD", 25, range(0, 256), "Zen 3"),
    ("AuthenticAMD", 26, range(0, 256), "Zen 5"),
]


def cpu_facts():
    """The last processor of /proc/cpuinfo."""
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    return dict((part.strip() for part in line.split(":", 1)) for line in lines if ":" in line)


def cpu_flags():
    return set(cpu_facts().get("flags", "").split())


def processor():
    facts = cpu_facts()
    vendor, family, model = facts.get("vendor_id"), int(facts.get("cpu family", 0)), int(facts.get("model", 0))
    known = [name for v, f, models, name in MICROARCHITECTURES if v == vendor and f == family and model in models]
    kinds = ("sse4", "avx", "fma", "f16c", "amx", "gfni")
    return {
        "name": facts.get("model name", platform.machine()), "vendor": vendor, "family": family, "model": model,
        "microarchitecture": known[0] if known else None, "count": os.cpu_count(),
        "flags": sorted(flag for flag in cpu_flags() if flag.startswith(kinds)),
    }


def file_of(processor):
    name = processor["microarchitecture"] or f"{processor['vendor']} {processor['family']} {processor['model']}"
    return folder / f"{name.lower().replace(' ', '-')}-{processor['count']}cpu.json"


def commit():
    """The checkout that is measured; documentation and results are no part of it."""
    git = ["git", "-C", str(root)]
    name = subprocess.run([*git, "describe", "--always"], capture_output=True, text=True).stdout.strip()
    paths = [".", ":!docs", ":!Benchmarks/results"]
    changed = subprocess.run([*git, "diff", "--quiet", "HEAD", "--", *paths]).returncode
    return name + "-dirty" if changed else name


def versions(ganrm, packages):
    import importlib.metadata

    version = subprocess.run([str(ganrm), "--version"], capture_output=True, text=True).stdout.strip()
    return {"ganrm": version, **{name: importlib.metadata.version(name) for name in packages}}


def seconds_of(runs):
    median = statistics.median(runs)
    return {"median": median, "spread": (max(runs) - min(runs)) / median / 2, "runs": runs}


def keep(benchmark, entry, options):
    """Adds an entry to the file of this processor, or replaces the one with the same keys.

    `options`: `ganrm` (the program), `packages`, `commit` and `note` or None.
    """
    this = processor()
    path = file_of(this)
    path.parent.mkdir(exist_ok=True)
    text = json.loads(path.read_text()) if path.exists() else {}
    text["processor"] = this
    surroundings = {
        "date": datetime.date.today().isoformat(), "commit": options.commit or commit(),
        "versions": versions(options.ganrm, options.packages), **({"note": options.note} if options.note else {}),
    }
    keys = KEYS[benchmark]
    others = [old for old in text.get(benchmark, []) if any(old[key] != entry[key] for key in keys)]
    text[benchmark] = sorted([*others, {**entry, **surroundings}], key=lambda entry: [entry[key] for key in keys])
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(text, indent=1, ensure_ascii=False) + "\n")
    partial.replace(path)


def add_options(parser, packages):
    """The options that say what is measured, for all benchmarks."""
    dist = root / ".build/dist/ganrm"
    parser.add_argument("--ganrm", type=pathlib.Path, default=dist, help="the program (default: .build/dist/ganrm)")
    parser.add_argument("--commit", help="what the program was built from (default: this checkout)")
    parser.add_argument("--note", help="a sentence for the results, about what is not as usual")
    parser.set_defaults(packages=packages)


def files():
    """What was measured, by processor."""
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]
