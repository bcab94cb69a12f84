"""The command line of `training`: the lecture's network, its exercises, and models of one's own."""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from training.errors import TrainingError

CHOICES = ("mnist", "digits", "auto")
INTERRUPTED = 130  # as a shell reports it


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0; 1 an exercise that did not come out; 2 usage, data or disk; 130 interrupted."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if words[:1] == ["exercise"]:
            from training import exercises

            return exercises.main(words[1:])
        return _train(_parser().parse_args(words))
    except TrainingError as error:
        print(f"training: {error}", file=sys.stderr)
        return 2
    except MemoryError:
        print("training: not enough memory; take a smaller --hidden or --batch", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("training: interrupted", file=sys.stderr)
        return INTERRUPTED


def _train(options: argparse.Namespace) -> int:
    from training import data as datasets
    from training import run
    from training.progress import Reporter

    human = sys.stderr if options.json else sys.stdout
    data = datasets.load(options.dataset, options.data, say=lambda line: print(line, file=sys.stderr))
    print(f"data set: {data.describe()}", file=human, flush=True)
    given = {
        name: getattr(options, name)
        for name in ("hidden", "batch", "learning_rate", "epochs", "seed")
        if getattr(options, name) is not None
    }
    settings = dataclasses.replace(run.DEFAULTS[data.name], **given)
    out = options.out if options.out is not None else Path("out") / f"training-{data.name}"
    checkpoint = out / "checkpoint.npz"
    state = run.resume(checkpoint, settings) if options.resume else run.start(data, settings)
    with Reporter(human, settings.epochs, len(state.epochs)) as report:
        finished = run.train(data, state, out, report)
    if not state.epochs:
        raise KeyboardInterrupt
    run.write_results(data, state, out, finished)
    result = run.summary(state)
    if not finished:
        print(f"interrupted after epoch {len(state.epochs)}; --resume goes on from there", file=human)
    name = data.describe().split(":")[0]
    print(
        f"{name}: test accuracy {result['test_accuracy']:.2%} after {len(state.epochs)} epochs, "
        f"{result['seconds']:.1f} s of training; results in {out}",
        file=human,
    )
    if options.json:
        print(json.dumps(result))
    return 0 if finished else INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="training",
        description="Train the generated three-layer network by mini-batch gradient descent.",
    )
    add = parser.add_argument
    add("--dataset", choices=CHOICES, default="auto", help="auto: MNIST, else the small digits")
    add("--data", type=Path, metavar="DIR", help="folder with MNIST's four .gz files")
    add("--hidden", type=_whole(1), metavar="H", help="units of the hidden layer (256)")
    add("--epochs", type=_whole(1), metavar="E", help="passes over the data (MNIST 20, digits 40)")
    add("--batch", type=_whole(1), metavar="B", help="images per step (MNIST 50, digits 25)")
    add("--learning-rate", type=_rate, metavar="R", help="step size (MNIST 0.5, digits 0.1)")
    add("--seed", type=_whole(0), metavar="S", help="of weights and order (0)")
    add("--out", type=Path, metavar="DIR", help="folder for the results (out/training-<data set>)")
    add("--resume", action="store_true", help="go on from the checkpoint in the results' folder")
    add("--json", action="store_true", help="print the result as one JSON object")
    return parser


def _whole(least: int) -> Callable[[str], int]:
    def whole_number(text: str) -> int:
        value = int(text)
        if value < least:
            raise argparse.ArgumentTypeError(f"{value} is less than {least}")
        return value

    return whole_number


def _rate(text: str) -> float:
    value = float(text)
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return value


if __name__ == "__main__":
    sys.exit(main())
