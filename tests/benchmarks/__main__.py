"""Run the benchmarks: `python -m tests.benchmarks`."""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import subprocess
import sys
import warnings
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from . import arrays, calls, costs, jitted, processes, schedulers, texts
from .report import Table, losses, write
from .verify import check_all

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "performance.md"

GROUPS = {
    "calls": calls.tables,
    "arrays": arrays.tables,
    "jitted": jitted.tables,
    "texts": texts.tables,
    "processes": processes.tables,
    "costs": costs.tables,
    "schedulers": schedulers.tables,
}
"""What can be run with `--only`."""

LIBRARIES = (
    "schedlang",
    "lark",
    "attrs",
    "numpy",
    "torch",
    "jax",
    "optax",
    "kappaschedules",
    "fvcore",
    "transformers",
    "timm",
    "pytorch-ignite",
    "mmengine",
)

SWITCH = "NPY_DISABLE_CPU_FEATURES"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=GROUPS, help="only this group; may be given again")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--markdown", action="store_true", help="write the tables into docs/performance.md")
    parser.add_argument("--no-avx512", action="store_true", help="without NumPy's code for AVX-512")
    return parser.parse_args()


def numpy_features() -> str:
    """What NumPy itself says: which of the processor's features it uses, and which code for some functions."""
    import numpy as np

    umath = import_module("numpy._core._multiarray_umath")
    used = [name for name in (*umath.__cpu_baseline__, *umath.__cpu_dispatch__) if umath.__cpu_features__.get(name)]
    targets = np.lib.introspect.opt_func_info(func_name="^(cos|sin|power)$", signature="float64")
    kernels = {name: next(iter(found.values()))["current"] for name, found in targets.items()}
    listed = ", ".join(f"{name}: {kernel}" for name, kernel in kernels.items())
    return f"NumPy {np.__version__} uses {', '.join(used)}; its float64 code is for {listed}"


def without_avx512() -> None:
    """Start again with NumPy's code for AVX-512 switched off; and make sure that it is."""
    umath = import_module("numpy._core._multiarray_umath")
    wide = [name for name in umath.__cpu_dispatch__ if name == "X86_V4" or name.startswith("AVX512")]
    wide = [name for name in wide if umath.__cpu_features__.get(name)]
    if wide and SWITCH not in os.environ:
        os.environ[SWITCH] = " ".join(wide)
        os.execv(sys.executable, [sys.executable, "-m", "tests.benchmarks", *sys.argv[1:]])
    if wide:
        raise SystemExit(f"{SWITCH}={os.environ[SWITCH]} had no effect: {numpy_features()}")


def machine() -> str:
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{model}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def versions() -> str:
    import schedlang

    found = [f"schedlang {schedlang.__version__}"]
    for name in LIBRARIES[1:]:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} (not installed)")
    return ", ".join(found)


def narrow() -> tuple[list[Table], str]:
    """The arrays once more, in a process without AVX-512."""
    command = [sys.executable, "-m", "tests.benchmarks", "--no-avx512", "--only", "arrays", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    found = json.loads(done.stdout)
    tables = []
    for table in found["tables"]:
        rows = [tuple(row) for row in table["rows"]]
        name, title = f"{table['name']}-no-avx512", f"{table['title']}, without AVX-512"
        tables.append(Table(name, title, tuple(table["head"]), rows, table["data"]))
    return tables, found["numpy"]


def main() -> None:
    """Check that everything gives the same values, then measure and report."""
    asked = arguments()
    if asked.no_avx512:
        without_avx512()
    warnings.simplefilter("ignore")
    missing = check_all()
    if missing and asked.markdown:
        raise SystemExit(f"not installed: {', '.join(sorted({peer.library for peer in missing}))}")
    about = {"machine": machine(), "versions": versions(), "numpy": numpy_features()}
    if not asked.json:
        print(*about.values(), sep="\n")
        if missing:
            print("NOT INSTALLED, so left out:", ", ".join(sorted({peer.library for peer in missing})))
    tables: list[Table] = []
    for name in asked.only or GROUPS:
        found = GROUPS[name]()
        tables += found
        if not asked.json:
            for table in found:
                print(f"\n{table.plain()}", flush=True)
    if asked.markdown and (not asked.only or "arrays" in asked.only):
        found, about["numpy-no-avx512"] = narrow()
        tables += found
    if asked.markdown:
        blocks = {table.name: table.markdown() for table in tables}
        if not asked.only:
            blocks["losses"] = losses(tables).markdown()
            blocks |= {name: f"{text}." for name, text in about.items()}
        write(PAGE, {name: f"\n{block}\n" for name, block in blocks.items()})
    if asked.json:
        listed = [
            {"name": each.name, "title": each.title, "head": each.head, "rows": each.rows, "data": each.data}
            for each in tables
        ]
        print(json.dumps({**about, "tables": listed}, indent=1))
    gc.unfreeze()  # else libraries report at the exit that they were never freed


if __name__ == "__main__":
    main()
