"""The command line of `training`: the lecture's network, its exercises, and models of one's own."""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from derive.names import GREEK, python_of
from derive.output import while_read
from training.errors import TrainingError

CHOICES = ("mnist", "digits", "auto")
NETWORK_ONLY = ("dataset", "hidden")
MODEL_ONLY = ("minimise", "maximise", "over", "method", "samples", "set", "section", "time_limit", "memory_limit")
INTERRUPTED = 130  # as a shell reports it
CHECKPOINT = 1.0  # seconds between checkpoints of a fit


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0; 1 an exercise that did not come out; 2 usage, data or disk; 130 interrupted."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if words[:1] == ["exercise"]:
            from training import exercises

            return while_read(lambda: exercises.main(words[1:]))
        parser = _parser()
        options = parser.parse_args(words)
        work = _train if options.model is None else _fit
        return while_read(lambda: work(options, parser))
    except TrainingError as error:
        print(f"training: {error}", file=sys.stderr)
        return 2
    except MemoryError:
        print("training: not enough memory; take a smaller --hidden or --batch", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("training: interrupted", file=sys.stderr)
        return INTERRUPTED


def _train(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    _refuse(options, parser, MODEL_ONLY, "is for --model")
    from training import data as datasets
    from training import run
    from training.progress import Reporter

    human = sys.stderr if options.json else sys.stdout
    data = datasets.load(options.dataset or "auto", options.data, say=lambda line: print(line, file=sys.stderr))
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
    epochs = f"{len(state.epochs)} epoch" + "s" * (len(state.epochs) != 1)
    print(
        f"{name}: test accuracy {result['test_accuracy']:.2%} after {epochs}, "
        f"{result['seconds']:.1f} s of training; results in {out}",
        file=human,
    )
    if options.json:
        print(json.dumps(result))
    return 0 if finished else INTERRUPTED


def _fit(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    _refuse(options, parser, NETWORK_ONLY, "is for the lecture's network and not for --model")
    for name in ("data", "over"):
        if getattr(options, name) is None:
            parser.error(f"--model needs --{name}")
    loss = options.minimise or options.maximise
    if loss is None:
        parser.error("--model needs --minimise or --maximise")
    from derive.checking.workers import Limits
    from training import compiled, models, resumed
    from training.progress import Reporter

    human = sys.stderr if options.json else sys.stdout
    choice = models.Options(
        over=[_spelled(name) for name in options.over.split(",")],
        method=options.method or "lbfgs",
        steps=options.epochs,
        batch=options.batch,
        rate=options.learning_rate,
        seed=options.seed or 0,
        samples=options.samples,
        given=dict(options.set or ()),
    )
    if choice.method != "sgd":
        for name in ("batch", "samples"):
            _refuse(options, parser, (name,), "is for --method sgd")
    data = models.read_data(options.data)
    limits = Limits(options.time_limit or 60.0, int((options.memory_limit or 2.0) * (1 << 30)))
    model = compiled.model(
        options.model, _spelled(loss), choice.over, options.section, limits, maximise=options.maximise is not None
    )
    data = model.named(data, str(options.data))
    given = model.named(choice.given, "--set")
    choice = dataclasses.replace(choice, over=[model.aliases.get(n, n) for n in choice.over], given=given)
    unused = sorted(data.keys() - model.shapes.keys())
    if unused:
        print(f"{options.data}: {', '.join(unused)} not used by {model.loss}", file=human)
    out = options.out if options.out is not None else Path("out") / options.model.stem
    unit = "epoch" if choice.method == "sgd" else "step"
    checkpoint = out / resumed.NAME
    kept = resumed.load(checkpoint, model, choice) if options.resume else None
    done = len(kept.history) if kept is not None else 0
    last = time.monotonic()

    def keep(fit: models.Fit) -> None:
        nonlocal last
        if time.monotonic() > last + CHECKPOINT:
            resumed.save(checkpoint, fit)
            last = time.monotonic()

    with Reporter(human, models.steps(choice), done, unit=unit) as report:
        result = models.fit(
            model, data, choice, lambda n, loss, seconds: report.epoch(n, loss, None, seconds), kept=kept, keep=keep
        )
    if not result.finished and not result.history:
        raise KeyboardInterrupt
    resumed.save(checkpoint, result)
    models.write(result, out)
    facts = models.summary(result)
    stopped = "" if result.finished else "interrupted (--resume goes on from there): "
    where = f"after {unit} {result.history[-1]['epoch']}; results in {out}"
    print(f"{stopped}{model.loss} = {facts['loss']:.10g} {where}", file=human)
    for name, value in result.learned.items():
        if value.size <= 10:
            print(f"  {name} = {value.tolist()}", file=human)
    if options.json:
        print(json.dumps(facts))
    return 0 if result.finished else INTERRUPTED


def _spelled(name: str) -> str:
    """The Python name: `ell` for `ell`, `\\ell` and `ℓ`."""
    name = name.strip()
    letter = GREEK.get(name.removeprefix("\\")) if name.startswith("\\") else None
    return python_of(letter or name) if letter or not name.isascii() else name


def _refuse(
    options: argparse.Namespace, parser: argparse.ArgumentParser, names: Sequence[str], why: str
) -> None:
    for name in names:
        if getattr(options, name) not in (None, False):
            parser.error(f"--{name.replace('_', '-')} {why}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="training",
        description="Train the generated three-layer network by mini-batch gradient descent, "
        "or fit a model that a document defines. `training exercise` does the lecture's other exercises.",
    )
    add = parser.add_argument
    add("--dataset", choices=CHOICES, help="auto: MNIST, else the small digits")
    add("--data", type=Path, metavar="DIR|FILE", help="folder with MNIST's four .gz files; the .npz file of --model")
    add("--hidden", type=_whole(1), metavar="H", help="units of the hidden layer (256)")
    add("--epochs", type=_whole(1), metavar="E", help="passes over the data (MNIST 20, digits 40)")
    add("--batch", type=_whole(1), metavar="B", help="images per step (MNIST 50, digits 25)")
    add("--learning-rate", type=_rate, metavar="R", help="step size (MNIST 0.5, digits 0.1)")
    add("--seed", type=_whole(0), metavar="S", help="of weights and order (0)")
    add("--out", type=Path, metavar="DIR", help="folder for the results (out/training-<data set>)")
    add("--resume", action="store_true", help="go on from the checkpoint in the results' folder")
    add("--json", action="store_true", help="print the result as one JSON object")
    model = parser.add_argument_group("a model of one's own")
    add = model.add_argument
    add("--model", type=Path, metavar="FILE", help="a document that defines it")
    goal = model.add_mutually_exclusive_group()
    goal.add_argument("--minimise", metavar="L", help="the loss that it defines")
    goal.add_argument("--maximise", metavar="L", help="a log-likelihood or return that it defines, instead")
    add("--over", metavar="w,b", help="what is to be learned")
    add("--method", choices=("lbfgs", "gd", "sgd"), help="L-BFGS (default), gradient descent, mini-batches")
    add("--samples", metavar="N", help="the size that counts samples, where sgd cannot tell")
    add("--set", action="append", type=_setting, metavar="NAME=VALUE", help="a scalar or a size of the model")
    add("--section", metavar="HEADING", help="which section's definitions, where several have the name")
    add("--time-limit", type=_rate, metavar="SECONDS", help="for compiling the model (60)")
    add("--memory-limit", type=_rate, metavar="GB", help="for compiling the model (2)")
    return parser


def _setting(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not name or not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=NUMBER")
    return name.strip(), number


def _whole(least: int) -> Callable[[str], int]:
    def whole_number(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
        if value < least:
            raise argparse.ArgumentTypeError(f"{value} is less than {least}")
        return value

    return whole_number


def _rate(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number")
    return value


if __name__ == "__main__":
    sys.exit(main())
