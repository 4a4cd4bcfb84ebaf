"""CPU levels, as `ganrm --cpu-level` names them: what a processor has, and how a program is held to a level.

ganrm has an option for it. Of the peers' variables, `ONEDNN_MAX_CPU_ISA` holds oneDNN, also OpenVINO's copy;
`OV_CPU_MAX_ISA` OpenVINO's own kernels, which otherwise compute norms with AVX-512 all the same; `ATEN_CPU_CAPABILITY`
PyTorch's own kernels, but not MKL. ONNX Runtime has none. So the instructions above a level are also hidden from all of
them by a small library (`hold_level.c`), where processor and kernel allow that. Elsewhere, ONNX Runtime is held by a copy
of its libraries without CPUID, and PyTorch is left out of the encoders.
"""

import importlib.util
import os
import pathlib
import shutil
import subprocess

import results

# The flags of /proc/cpuinfo that a level needs, the best one last.
FLAGS = {
    "avx2": {"avx2", "fma"},
    "avx_vnni": {"avx2", "fma", "avx_vnni"},
    "avx512": {"avx512f", "avx512bw", "avx512dq", "avx512vl"},
    "avx512_vnni": {"avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_vnni"},
    "avx512_bf16": {"avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_vnni", "avx512_bf16"},
    "amx": {"avx512_vnni", "avx512_bf16", "amx_tile", "amx_bf16", "amx_int8"},
}
ONEDNN = {
    "avx2": "AVX2", "avx_vnni": "AVX2_VNNI", "avx512": "AVX512_CORE", "avx512_vnni": "AVX512_CORE_VNNI",
    "avx512_bf16": "AVX512_CORE_BF16", "amx": "AVX512_CORE_AMX",
}
HAVE_BF16 = {"avx512_bf16", "amx"}
# Without VNNI, products of bytes are added in 16 bits and saturate unless weights have 7 bits.
SATURATE = {"avx2", "avx512"}


def available():
    """The levels of this processor, the best one last."""
    flags = results.cpu_flags()
    return [level for level, needed in FLAGS.items() if needed <= flags]


class Held:
    """How programs are started at a level."""

    def __init__(self, level, is_forced, folder):
        self.level = level
        self.environment = dict(os.environ)
        self.means = []
        if not is_forced:
            return
        library = folder / "hold_level.so"
        source = results.root / "Benchmarks/peers/hold_level.c"
        if not library.exists() or library.stat().st_mtime < source.stat().st_mtime:
            subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True)
        variables = {
            "ONEDNN_MAX_CPU_ISA": ONEDNN[level],
            "OV_CPU_MAX_ISA": ONEDNN[level],
            "ATEN_CPU_CAPABILITY": "avx512" if level.startswith(("avx512", "amx")) else "avx2",
            "GANRM_CPU_LEVEL": level,
        }
        hidden = {"LD_PRELOAD": str(library), "HELD_CPU_LEVEL": level}
        if subprocess.run(["true"], env={**self.environment, **hidden}, stderr=subprocess.DEVNULL).returncode == 0:
            self.means.append("cpuid")
        else:
            self.means.append("replaced cpuid")
            hidden |= {"HELD_CPUID": "replaced", "PYTHONPATH": str(without_cpuid("onnxruntime", folder / "held"))}
        self.means += variables
        # Kernels that PyTorch has compiled for another level must not be found.
        self.environment |= {**variables, **hidden, "TORCHINDUCTOR_CACHE_DIR": str(folder / f"inductor-{level}")}

    def holds(self, runtime):
        """Whether a peer has no instructions above the level."""
        return runtime != "pytorch" or "replaced cpuid" not in self.means


def without_cpuid(package, folder):
    """Copies a package to a folder, with an opcode that `hold_level.c` handles in the place of CPUID; returns the folder."""
    source = pathlib.Path(importlib.util.find_spec(package).submodule_search_locations[0])
    target = folder / package
    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return folder
    # An interrupted copy must not be taken for a whole one.
    partial = folder / f"{package}.partial"
    for old in [partial, target]:
        shutil.rmtree(old, ignore_errors=True)
    shutil.copytree(source, partial)
    replaced = 0
    for library in partial.rglob("*.so*"):
        headers = subprocess.run(["readelf", "-lW", str(library)], capture_output=True, text=True, check=True).stdout
        code = subprocess.run(
            ["objdump", "-d", "--no-show-raw-insn", str(library)], capture_output=True, text=True, check=True).stdout
        # Type, file offset, virtual address, physical address, sizes in the file and in memory, flags, alignment.
        segments = [line.split() for line in headers.splitlines() if " LOAD " in line and " E " in line]
        content = bytearray(library.read_bytes())
        for line in code.splitlines():
            if not line.endswith("cpuid"):
                continue
            address = int(line.split(":")[0], 16)
            for _, offset, start, _, size, *_ in segments:
                if int(start, 16) <= address < int(start, 16) + int(size, 16):
                    at = address - int(start, 16) + int(offset, 16)
                    assert content[at:at + 2] == b"\x0f\xa2"
                    content[at:at + 2] = b"\x0f\x04"
                    replaced += 1
        library.write_bytes(content)
    assert replaced, f"no CPUID was found in {source}"
    os.utime(partial)
    partial.rename(target)
    return folder


def add_option(parser):
    parser.add_argument(
        "--levels", nargs="*", choices=["best", "all", *FLAGS], default=["best"], metavar="LEVEL",
        help=f"best (nothing is hidden), all, or some of {', '.join(FLAGS)} (default: best)")


def chosen(asked, folder):
    """The levels of the option, each as a way to start programs; best first."""
    have = available()
    if not have:
        raise SystemExit(f"bench-peers: this processor has none of the levels {', '.join(FLAGS)}")
    if missing := set(asked) - {"best", "all", *have}:
        raise SystemExit(f"bench-peers: this processor does not have {', '.join(sorted(missing))}")
    best = [Held(have[-1], False, folder)] if {"best", "all", have[-1]} & set(asked) else []
    return best + [Held(level, True, folder) for level in reversed(have[:-1]) if level in asked or "all" in asked]
