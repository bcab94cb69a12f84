"""What `make` has done, from the files that its steps left: `python -m training.summary FOLDER`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.errors import TrainingError


def lines(folder: Path) -> list[str]:
    """One line per step of `make`. Raises `TrainingError` where a step's file is missing or damaged."""
    proofs = _read(folder / "proofs.json")
    counts, steps = proofs["summary"], proofs["steps"]
    derivations = len({step["derivation"] for step in steps})
    failed = "".join(f", {counts[v]} {v}" for v in ("refuted", "unknown", "error") if counts[v])
    made = [
        f"proved     {counts['proved']} steps of the lecture's {derivations} derivations, for every size{failed} "
        f"({proofs['seconds']:.1f} s)",
        "generated  the committed modules are what those theorems compile to",
    ]
    for facts in _read(folder / "exercises" / "exercises.json"):
        if facts["exercise"] == 1:
            what = f"closed form and gradient descent differ by {facts['largest_difference']:.0e}"
        else:
            what = f"gradient descent ends at a gradient of {facts['largest_gradient']:.0e}"
        made.append(f"exercise {facts['exercise']} {what}")
    run = _read(folder / "training" / "history.json")
    name = run["data"].partition(":")[0]
    made.append(
        f"trained    {name}: test accuracy {run['test_accuracy']:.2%} after {len(run['epochs'])} epochs, "
        f"{run['seconds']:.1f} s"
    )
    return made


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainingError(f"{path}: cannot read ({error}); run `make` again") from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0; 2 where a step has left nothing."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    folder = Path(words[0] if words else "out")
    try:
        text = lines(folder)
    except TrainingError as error:
        print(f"summary: {error}", file=sys.stderr)
        return 2
    print("\n" + "\n".join(text) + f"\npictures, weights and histories are in {folder}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
