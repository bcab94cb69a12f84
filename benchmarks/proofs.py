"""The lecture proved from a cold start, and the slowest of its steps."""

from __future__ import annotations

import json
import subprocess
import sys

from benchmarks.timing import command, row, yardstick


def main() -> None:
    start = yardstick()
    row("import sympy", start, start, "import sympy")
    row("derive prove", command(["-m", "derive", "prove"], codes=(0,)), start, "import sympy")
    done = subprocess.run(
        [sys.executable, "-m", "derive", "prove", "--json"], capture_output=True, text=True, check=True
    )
    report = json.loads(done.stdout)
    slowest = max(report["steps"], key=lambda step: step["seconds"])
    row(f"slowest step: {slowest['derivation']}, step {slowest['step']}", slowest["seconds"], start, "import sympy")
    print(f"{len(report['steps'])} steps, {report['summary']}")


if __name__ == "__main__":
    main()
