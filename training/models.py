"""Fit a model that a document defines: compiled by `codegen`, its gradients proved, its data from an `.npz` file."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.context import Domain
from derive.terms import Shape, shape_text
from training import descent, samples
from training.descent import Arrays
from training.errors import DataError, TrainingError
from training.files import write_atomically, write_json
from training.resumed import Kept


@dataclass(frozen=True)
class Model:
    """A compiled loss: Python names of its arguments with their declared shapes, and the code itself."""

    loss: str
    source: str
    shapes: Mapping[str, Shape]  # of the loss's arguments, in order
    domains: Mapping[str, Domain]
    differentiable: Sequence[str]  # arguments that have a gradient, in the order in which they are returned
    function: Callable[..., tuple[Any, ...]]  # value_and_grad_<loss>
    aliases: Mapping[str, str] = field(default_factory=dict)  # other words for arguments
    sign: float = 1.0  # −1 where it is to be maximised

    def evaluate(self, values: Mapping[str, NDArray[Any]], over: Sequence[str]) -> tuple[float, Arrays]:
        """What is to be minimised, `sign` times the loss, and its gradients by the arrays `over`."""
        value, *gradients = self.function(*(values[name] for name in self.shapes))
        found = dict(zip(self.differentiable, gradients, strict=True))
        if self.sign < 0:
            return -float(value), {name: -np.asarray(found[name]) for name in over}
        return float(value), {name: np.asarray(found[name]) for name in over}

    def named(self, values: Mapping[str, Any], what: str) -> dict[str, Any]:
        """The values by the names of the arguments: an alias says the same. Raises `TrainingError` where both stand."""
        found: dict[str, Any] = {}
        for name, value in values.items():
            own = self.aliases.get(name, name)
            if own in found:
                raise TrainingError(f"{what} has {own} twice, also as {name}")
            found[own] = value
        return found


@dataclass(frozen=True)
class Options:
    """What the command line says about a fit; None: not said."""

    over: Sequence[str]
    method: str = "lbfgs"
    steps: int | None = None  # epochs of sgd
    batch: int | None = None
    rate: float | None = None
    seed: int = 0
    samples: str | None = None
    given: Mapping[str, float] = field(default_factory=dict)  # scalars and sizes


@dataclass
class Fit:
    """What was learned: the arrays, and the loss per step (or epoch); with what the next step depends on."""

    model: Model
    options: Options
    learned: Arrays
    history: list[dict[str, float]] = field(default_factory=list)
    finished: bool = False
    random: dict[str, Any] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)


def steps(options: Options) -> int:
    """How many steps (epochs of sgd) are taken at most."""
    return options.steps or {"lbfgs": 500, "gd": 1000, "sgd": 100}[options.method]


def read_data(path: Path) -> Arrays:
    """The arrays of an `.npz` file; whole numbers become float64. Raises `DataError`."""
    try:
        stored = np.load(path, allow_pickle=False)
        if isinstance(stored, np.ndarray):
            raise DataError(f"{path}: one array without a name; store named ones by numpy.savez(path, X=X, y=y)")
        with stored:
            arrays = {name: stored[name] for name in stored.files}
    except FileNotFoundError as error:
        raise DataError(f"{path}: no such file; make it by numpy.savez(path, X=X, y=y)") from error
    except DataError:
        raise
    except Exception as error:  # a damaged zip archive raises what it likes
        raise DataError(f"{path}: not a readable .npz file of plain arrays ({error})") from error
    made: Arrays = {}
    for name, array in arrays.items():
        if array.dtype.kind not in "fiub":
            raise DataError(f"{path}: {name} holds {array.dtype}, not numbers")
        made[name] = array if array.dtype in (np.float32, np.float64) else array.astype(np.float64)
        if not np.isfinite(made[name]).all():
            raise DataError(f"{path}: {name} has entries that are not finite")
    return made


def fit(
    model: Model, data: Arrays, options: Options, tell: Callable[[int, float, float], None] = lambda *_: None, *,
    kept: Kept | None = None, keep: Callable[[Fit], None] = lambda _: None,
) -> Fit:  # fmt: skip
    """Minimise the loss over `options.over`; `tell` gets step, loss and seconds. Ctrl-C ends it early, without loss.

    It goes on from what was `kept` of an earlier run; `keep` is given the fit after each step. Without that, arrays to
    be learned start at the data file's values for them, else at random, scalars at 0 (or 1 where 0 is not allowed).
    Raises `TrainingError` where something is missing, does not fit, or diverges.
    """
    over = list(options.over)
    for name in over:
        if name not in model.shapes:
            raise TrainingError(f"--over {name}: {model.loss} does not depend on it, only on {', '.join(model.shapes)}")
        if name not in model.differentiable:
            raise TrainingError(f"--over {name}: there is no gradient by it")
    rng = np.random.default_rng(options.seed)
    sizes = {name: int(value) for name, value in options.given.items() if name not in model.shapes}
    fixed = {name: value for name, value in _fixed(model, data, options).items() if name not in over}
    start = {name: data[name] for name in over if name in data} if kept is None else dict(kept.learned)
    _sizes(model, {**fixed, **start}, sizes)
    _declared(model, {**fixed, **start})
    dtype = np.result_type(*fixed.values(), np.float32) if fixed else np.dtype(np.float64)
    fixed = {name: value.astype(dtype) for name, value in fixed.items()}
    start = {n: start[n].astype(dtype) if n in start else _start(model, n, sizes, rng, dtype) for n in over}
    result = Fit(model, options, start)
    spent = 0.0
    if kept is not None:
        result.history, result.random, result.memory = list(kept.history), dict(kept.random), dict(kept.memory)
        spent = result.history[-1]["seconds"] if result.history else 0.0
    done = len(result.history)
    began = time.perf_counter() - spent

    def told(step: int, loss: float, arrays: Arrays) -> None:
        seconds = time.perf_counter() - began
        name = _outside(model, arrays)
        if name is not None:
            raise TrainingError(
                f"{name} left the values that are declared for it; use --method lbfgs, which keeps to them, or define "
                f"{name} from a free variable, such as e^{{s}}"
            )
        result.learned = arrays
        result.history.append({"epoch": step, "loss": model.sign * loss, "seconds": round(seconds, 4)})
        result.random = dict(rng.bit_generator.state)
        keep(result)
        tell(step, model.sign * loss, seconds)

    def evaluate(arrays: Mapping[str, NDArray[Any]]) -> tuple[float, Arrays]:
        if options.method == "gd" and options.rate is None and _outside(model, arrays) is not None:
            return np.inf, dict(arrays)  # the search for a step takes a shorter one
        return model.evaluate({**fixed, **arrays}, over)

    with np.errstate(all="ignore"):  # what is not finite is told in words
        try:
            if options.method == "lbfgs":
                bounds = {name: _bounds(model.domains[name]) for name in over}
                descent.lbfgs(evaluate, start, steps=steps(options), bounds=bounds, tell=told, done=done)
            elif options.method == "gd":
                descent.gradient_descent(
                    evaluate, start, steps=steps(options), rate=options.rate, tell=told, done=done, memory=result.memory
                )
            else:
                _minibatch(model, fixed, result, evaluate, rng, told)
            if not result.history:  # it was at a minimum already
                told(0, evaluate(start)[0], start)
            result.finished = True
        except KeyboardInterrupt:
            pass
    return result


def write(result: Fit, out: Path) -> None:
    """The learned arrays, the history, a curve and the compiled module, into the folder `out`."""
    from training import plots

    arrays: dict[str, Any] = dict(result.learned)
    write_atomically(out / "fitted.npz", lambda file: np.savez(file, **arrays))
    write_json(out / "history.json", summary(result))
    write_atomically(out / "model.py", lambda file: file.write(result.model.source.encode()))
    if result.history:
        plots.loss_curve(result.history, result.model.loss, out / "curve.png")


def summary(result: Fit) -> dict[str, Any]:
    """The fit as `--json` prints it."""
    return {
        "maximise" if result.model.sign < 0 else "minimise": result.model.loss,
        "over": list(result.options.over),
        "method": result.options.method,
        "seed": result.options.seed,
        "finished": result.finished,
        "epochs": result.history,
        "loss": result.history[-1]["loss"] if result.history else None,
    }


def _fixed(model: Model, data: Arrays, options: Options) -> Arrays:
    """The arguments that are not learned, from the data and the options."""
    given = {n: np.asarray(float(v)) for n, v in options.given.items() if n in model.shapes}
    clash = sorted(given.keys() & data.keys())
    if clash:
        raise TrainingError(f"--set {clash[0]}: the data file has it, too")
    found = {name: value for name, value in {**data, **given}.items() if name in model.shapes}
    sizes = {n for shape in model.shapes.values() for size in shape for n in size.names}
    stray = [name for name in options.given if name not in model.shapes and name not in sizes]
    if stray:
        raise TrainingError(
            f"--set {stray[0]}: {model.loss} has no such scalar or size; it depends on {', '.join(model.shapes)} "
            f"with the sizes {', '.join(sorted(sizes)) or 'none'}"
        )
    missing = [name for name in model.shapes if name not in found and name not in options.over]
    if missing:
        scalars = [name for name in missing if not model.shapes[name]]
        hint = f"; a scalar may be given as --set {scalars[0]}=…" if scalars else ""
        shown = [f"the scalar {n}" if n in scalars else f"{n} of shape {shape_text(model.shapes[n])}" for n in missing]
        raise DataError(
            f"the data file lacks {', '.join(shown)}, on which {model.loss} depends{hint}"
        )
    return found


def _sizes(model: Model, arrays: Arrays, sizes: dict[str, int]) -> None:
    """Find the sizes that the arrays tell, into `sizes`; every array must agree with them."""
    origin = dict.fromkeys(sizes, "--set")
    for name, array in arrays.items():
        shape = model.shapes[name]
        if array.ndim != len(shape):
            raise DataError(f"{name} has the shape {array.shape}; {model.loss} needs {shape_text(shape)}")
    for compound in (False, True):  # plain names first: `D+1` is then known or solved for D
        for name, array in arrays.items():
            for length, size in zip(array.shape, model.shapes[name], strict=True):
                unknown = [n for n in size.names if n not in sizes]
                if (len(size.names) > 1 or size.const != 0) != compound or not unknown:
                    continue
                count = dict(size.parts)[unknown[0]]
                rest = length - size.value({**sizes, **dict.fromkeys(unknown, 0)})
                if len(unknown) > 1 or rest % count or rest < count:
                    continue
                sizes[unknown[0]], origin[unknown[0]] = rest // count, name
    for name, array in arrays.items():
        shape = model.shapes[name]
        if all(n in sizes for size in shape for n in size.names):
            expected = tuple(size.value(sizes) for size in shape)
            if array.shape != expected:
                told = ", ".join(
                    f"{n} = {sizes[n]} by {origin[n]}" for n in dict.fromkeys(n for s in shape for n in s.names)
                )
                raise DataError(
                    f"{name} has the shape {array.shape}; it must be {shape_text(shape)} = {expected}"
                    + (f" ({told})" if told else "")
                )


def _declared(model: Model, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Every given value is one that its declaration allows: the gradients are proved for no other."""
    for name, array in arrays.items():
        wrong = np.argwhere(_excluded(model.domains[name], array))
        if len(wrong):
            at = tuple(map(int, wrong[0]))
            where = f"{name}[{', '.join(map(str, at))}]" if at else name
            said = model.domains[name].condition(name)
            raise DataError(f"{where} is {array[at]:g}, but {model.loss} is declared for {said}")


def _start(
    model: Model, name: str, sizes: Mapping[str, int], rng: np.random.Generator, dtype: np.dtype[Any]
) -> NDArray[Any]:
    shape = model.shapes[name]
    unknown = sorted({n for size in shape for n in size.names if n not in sizes})
    if unknown:
        raise TrainingError(
            f"{name} is {shape_text(shape)}, but the data do not tell {unknown[0]}; --set {unknown[0]}=…"
        )
    lengths = tuple(size.value(dict(sizes)) for size in shape)
    # of a size that keeps a linear map's output as large as its input
    value = rng.standard_normal(lengths) / np.sqrt(lengths[-1]) if lengths else np.zeros(())
    domain = model.domains[name]
    if domain != Domain():
        value = np.vectorize(lambda x: _allowed(domain, float(x)), otypes=[float])(value)
    return np.asarray(value, dtype)


def _allowed(domain: Domain, x: float) -> float:
    """A value of the domain near x."""
    if domain.contains(x):
        return x
    if domain.low is not None and domain.high is not None:
        return float(domain.low + domain.high) / 2
    if domain.low is not None:
        return float(domain.low) + max(abs(x), 1.0)
    if domain.high is not None:
        return float(domain.high) - max(abs(x), 1.0)
    return 1.0


def _outside(model: Model, arrays: Mapping[str, NDArray[Any]]) -> str | None:
    """The name of an array with an entry that its declaration does not allow."""
    return next((name for name, array in arrays.items() if _excluded(model.domains[name], array).any()), None)


def _excluded(domain: Domain, array: NDArray[Any]) -> NDArray[np.bool_]:
    """Which entries are not in the domain."""
    if domain.values is not None:
        return np.isin(array, [array.dtype.type(v) for v in domain.values], invert=True)
    wrong: NDArray[np.bool_] = np.isnan(array)
    if domain.nonzero:
        wrong |= array == 0
    if domain.low is not None:
        wrong |= (array <= float(domain.low)) if domain.low_strict else (array < float(domain.low))
    if domain.high is not None:
        wrong |= (array >= float(domain.high)) if domain.high_strict else (array > float(domain.high))
    return wrong


def _bounds(domain: Domain) -> descent.Bounds:
    """What an optimiser may be told of the domain: closed, so a little inside of an open end."""

    def end(value: Fraction | None, strict: bool, inwards: int) -> float:
        if value is None:
            return -inwards * np.inf
        return float(value) + (inwards * 1e-10 * max(1.0, abs(float(value))) if strict else 0.0)

    return end(domain.low, domain.low_strict, 1), end(domain.high, domain.high_strict, -1)


def _minibatch(
    model: Model,
    fixed: Arrays,
    begun: Fit,
    evaluate: descent.Evaluate,
    rng: np.random.Generator,
    told: descent.Tell,
) -> None:
    start, options = begun.learned, begun.options
    over = list(options.over)
    shapes = {name: model.shapes[name] for name in fixed}
    size = samples.sample_size(shapes, {name: model.shapes[name] for name in over}, options.samples)
    axes = samples.sample_axes(shapes, size)
    count = next(fixed[name].shape[axis] for name, axis in axes.items())
    probe = {name: _near(model, name, value, rng) for name, value in start.items()}

    def on(arrays: Mapping[str, NDArray[Any]], which: NDArray[np.intp]) -> tuple[float, Arrays]:
        return model.evaluate({**samples.cut(fixed, axes, which), **arrays}, over)

    double = all(v.dtype == np.float64 for v in start.values())
    kind = samples.kind(lambda which: on(probe, which)[0], count, 1e-9 if double else 1e-4)

    def gradient_on(arrays: Mapping[str, NDArray[Any]], which: NDArray[np.intp]) -> Arrays:
        _, whole = on(arrays, which)
        if kind.mean:
            return whole
        # the sum's share of the gradient, as a mean; and of the terms without samples the N-th part, as L/N has it
        if not kind.fixed:
            return {name: value / which.size for name, value in whole.items()}
        (_, once), (_, twice) = on(arrays, which[:1]), on(arrays, which[[0, 0]])
        rest = {name: 2 * once[name] - twice[name] for name in over}
        return {n: (whole[n] - rest[n]) / which.size + rest[n] / count for n in over}

    if begun.random:
        rng.bit_generator.state = begun.random
    descent.minibatch(
        evaluate,
        gradient_on,
        start,
        samples=count,
        batch=min(options.batch or 32, count),
        epochs=steps(options),
        rate=options.rate or 0.1,
        rng=rng,
        tell=told,
        done=len(begun.history),
    )


def _near(model: Model, name: str, value: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
    """A point at which no term happens to vanish, within the declared values."""
    grown = value * (1 + 0.1 * rng.random(value.shape))
    if model.domains[name] == Domain():
        grown = grown + 0.1 * rng.random(value.shape)
    return np.asarray(grown, value.dtype)
