"""What is run on a text, and what is wrong with how it ended.

A finding is an exception that is not the documented error, a step far over its time limit, a proof that
instances contradict, a refuted claim that the kernel proves, a verdict that changes when the same text is
judged again, output that cannot be written, code that is not the function it claims to be.
"""

from __future__ import annotations

import ast
import json
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from codegen.document import Module, Refused, compile_document
from derive.checking.documents import judged
from derive.clock import now
from derive.context import Context
from derive.diagnostics.github import workflow_commands
from derive.diagnostics.rows import plain
from derive.diagnostics.text import Style, diagnostic
from derive.evaluate import UNDEFINED, Array, EvaluationError, Evaluator, Instance, ResourceLimit
from derive.files import Unreadable, read_text
from derive.gradient.derivation import GradientError, dependencies, gradients
from derive.gradient.hessian import hessian
from derive.gradient.present import definition_formula, document, formula, where
from derive.homework.claim import Claim, Document, Section
from derive.homework.document import read_document
from derive.latex.errors import ReadError
from derive.latex.layout import formulas
from derive.latex.macros import Macros
from derive.latex.parser import parse
from derive.latex.tokens import tokenize
from derive.names import python_of
from derive.prover import OutOfTime, ProofError, prove
from derive.refute import Search
from derive.refute.instances import Finder
from derive.report import Report, StepReport, with_hindsight
from derive.terms import Diff, Term, Var
from derive.verdict import VERDICTS

#: seconds for a step
LIMIT = 0.6
#: seconds of processor time in which a step with that limit, or the reading of a text, has to end
PATIENCE = 4.0
#: what a generated module may name
_IMPORTS = {"collections", "math", "warnings", "typing", "numpy", "scipy", "__future__"}


class Finding(Exception):
    """What should not have happened; `kind` says which of the reasons above."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind


@contextmanager
def patient(what: str, seconds: float = PATIENCE) -> Iterator[None]:
    begun = time.process_time()
    yield
    spent = time.process_time() - begun
    if spent > seconds:
        raise Finding("slow", f"{what}: {spent:.1f} s")


# -- the reader ----------------------------------------------------------------------------------------------


def parsed(data: bytes) -> None:
    """Tokens, macros, layout and trees of one formula."""
    text = data.decode("utf-8", "replace")
    macros = Macros()
    with patient("parsing"):
        try:
            tokens = macros.expand(macros.collect(tokenize(text)))
            for made in formulas(tokens):
                for side in made.sides:
                    node = parse(side, 0, len(text))
                    if not 0 <= node.start <= node.end <= len(text):
                        raise Finding("place", f"{node.start}:{node.end} in {len(text)}")
        except ReadError as error:
            problem = error.problem
            if not 0 <= problem.start <= problem.end <= len(text):
                raise Finding("place", f"{problem}") from None
            str(problem)


def read(data: bytes) -> Document | None:
    """The document in these bytes as `derive check` reads it; None where it says why not."""
    with tempfile.NamedTemporaryFile(suffix=".md", dir=_folder()) as file:
        file.write(data)
        file.flush()
        try:
            text = read_text(file.name)
        except Unreadable:
            return None
    with patient("reading"):
        made = read_document(text, "fuzz.md")
    lines = made.text.split("\n")
    for claim in made.claims:
        if (claim.prop is None) == (claim.error is None):
            raise Finding("claim", claim.claim)
        if not (1 <= claim.line <= len(lines) and 1 <= claim.column <= len(lines[claim.line - 1]) + 1):
            raise Finding("place", f"{claim.line}:{claim.column} {claim.claim}")
    return made


def _folder() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def reading(data: bytes) -> None:
    read(data)


# -- verdicts ------------------------------------------------------------------------------------------------


def checking(data: bytes) -> None:
    """Reads and judges a document; then looks for what contradicts the verdicts."""
    made = read(data)
    if made is None:
        return
    found = []
    for claim in made.claims[:4]:
        with patient(f"step {claim.step} ({claim.claim[:60]})"):
            found.append(judged(claim, LIMIT))
    report = Report(with_hindsight(found), 0.0, made.text)
    shown(report)
    for claim, step in zip(made.claims, report.steps):
        if step.verdict not in VERDICTS or (step.code == "") != (step.verdict == "proved"):
            raise Finding("verdict", f"{step.verdict} {step.code}")
        if step.code in ("D119", "D404", "D405", "D901"):
            raise Finding(step.code, f"{step.message()} {step.claim}")
        if claim.prop is not None:
            contradicted(claim, step)
            settled(claim, step)


def shown(report: Report) -> None:
    lines = report.text.split("\n")
    json.dumps(report.to_json("ja", "fix"), allow_nan=False).encode()
    report._repr_markdown_().encode()
    for lang in ("en", "ja"):
        for step in report.steps:
            rows = diagnostic(step, lines, Style(lang=lang, hints="fix")) if step.verdict != "proved" else []
            "\n".join(plain(row) for row in rows).encode()
    "\n".join(workflow_commands(report, "en", "cause", True)).encode()


def contradicted(claim: Claim, step: StepReport) -> None:
    """No instance makes a proved claim false, and what is refuted cannot be proved."""
    assert claim.prop is not None
    if step.verdict == "proved":
        search = Search(claim.context, claim.prop, now() + LIMIT)
        if search.thorough(rounds=2, seconds=0.05).counterexample is not None:
            raise Finding("proved and refuted", step.claim)
    elif step.verdict == "refuted":
        try:
            with patient(f"the prover on {step.claim[:60]}"):
                prove(claim.context, claim.prop, deadline=now() + LIMIT, minimise=False)
        except (ProofError, OutOfTime):
            return
        raise Finding("refuted and proved", step.claim)


def settled(claim: Claim, step: StepReport) -> None:
    """Far from its limits the verdict is the same the second time."""
    if step.seconds > LIMIT / 5:
        return
    again = judged(claim, LIMIT)
    if again.seconds < LIMIT / 5:
        for part in ("verdict", "code", "params", "uses", "counterexample"):
            if getattr(step, part) != getattr(again, part):
                raise Finding("changes", f"{part}: {getattr(step, part)} / {getattr(again, part)} {step.claim}")


# -- gradients -----------------------------------------------------------------------------------------------


def subjects(made: Document) -> Iterator[tuple[Context, Var]]:
    """The first scalars that the document defines."""
    seen: set[int] = set()
    for section in made.sections:
        for d in section.context.definitions.values():
            if id(d) not in seen and not d.body.shape and not d.local and len(seen) < 2:
                seen.add(id(d))
                yield section.context, d.var


def deriving(data: bytes) -> None:
    """Gradients and Hessians of what the document defines, shown and compared with the evaluator."""
    made = read(data)
    if made is None:
        return
    for context, scalar in subjects(made):
        for k, w in enumerate(dependencies(context, scalar)[:2]):
            try:
                with patient(f"the gradient of {scalar} by {w}", 8.0):
                    found = gradients(context, scalar, [w], deadline=now() + LIMIT)
            except (GradientError, OutOfTime):
                continue
            theorem: Any = found.gradients[w.name]
            for notation in ("unicode", "latex"):
                formula(theorem.prop, found.context, notation).encode()
                for d in where(found.context, theorem.prop.right, found.new):
                    definition_formula(d, found.context, notation)
            agrees(found.context, theorem.prop.left, theorem.prop.right)
            try:
                proof = document(found, w.name, "A gradient")
            except GradientError:
                continue
            with patient("reading the proof", 8.0):
                for claim in read_document(proof, "proof.md").claims[-2:]:
                    step = judged(claim, LIMIT)
                    if step.verdict in ("error", "refuted"):
                        raise Finding("proof", f"{step.verdict} {step.code} {step.message()} {step.claim}")
            if k:
                continue
            try:
                with patient(f"the Hessian of {scalar} by {w}", 12.0):
                    second: Any = hessian(context, scalar, w, deadline=now() + LIMIT)
            except (GradientError, OutOfTime):
                continue
            formula(second.theorem.prop, second.theorem.context, "latex")
            agrees(second.theorem.context, second.theorem.prop.left, second.theorem.prop.right)


def points(context: Context, *terms: Term) -> Iterator[tuple[Any, Instance]]:
    """A few instances of what is declared and assumed."""
    from derive.props import Rel

    claim = Rel("=", terms[0], terms[-1])
    finder = Finder(Evaluator(context), claim, (), now() + LIMIT)
    for sizes in list(finder.sizes.distinct())[:1]:
        for point in finder.instances(sizes, 2, 0, 7):
            yield point, point.instance


def agrees(context: Context, left: Term, right: Term) -> None:
    for point, instance in points(context, left, right):
        try:
            one, other = point.value(left), point.value(right)
        except (EvaluationError, ResourceLimit):
            return
        if not near(floats(one), floats(other), 1e-9):
            raise Finding("gradient", f"{left} is {one}, {right} is {other} at {instance}")


def floats(value: Any) -> Any:
    if value is UNDEFINED:
        return np.nan
    if isinstance(value, Array):
        return np.array([np.nan if v is UNDEFINED else float(v) for v in value.data]).reshape(value.dims)
    return np.asarray(float(value))


def near(one: Any, other: Any, most: float) -> bool:
    """Equal up to rounding wherever both are finite."""
    if np.shape(one) != np.shape(other):
        return False
    both = np.isfinite(one) & np.isfinite(other)
    with np.errstate(all="ignore"):
        gap = np.abs(np.where(both, one - other, 0.0))
        scale = 1.0 + np.max(np.abs(np.where(both, one, 0.0)), initial=0.0)
    return bool(np.all(gap <= most * scale))


# -- code ----------------------------------------------------------------------------------------------------


def compiling(data: bytes) -> None:
    """The module of a document: valid Python that imports only what it may and computes what it says."""
    made = read(data)
    if made is None:
        return
    with tempfile.NamedTemporaryFile(suffix=".md", dir=_folder()) as file:
        file.write(data)
        file.flush()
        try:
            with patient("compiling", 20.0):
                module = compile_document(Path(file.name), every_gradient=True, hessians=sum(data) % 4 == 0)
        except Refused as refused:
            for refusal in refused.refusals:
                refusal.text("fuzz.md").encode()
            return
    loaded = harmless(module.source)
    computes(made, module, loaded)


def harmless(source: str) -> ModuleType:
    """The module, if its text holds nothing that a generated module never holds."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [a.name.split(".")[0] for a in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [(node.module or "").split(".")[0]]
        if set(names) - _IMPORTS:
            raise Finding("code", f"imports {names}")
        if isinstance(node, ast.Attribute) and node.attr.startswith("__"):
            raise Finding("code", f"uses .{node.attr}")
        if isinstance(node, ast.Name) and node.id in ("eval", "exec", "open", "__import__", "compile"):
            raise Finding("code", f"uses {node.id}")
    loaded = ModuleType("fuzzed")
    exec(compile(tree, "fuzzed.py", "exec"), loaded.__dict__)
    return loaded


def computes(made: Document, module: Module, loaded: ModuleType) -> None:
    """Values and gradients are those of the evaluator, at small sizes."""
    sections: list[Section] = made.sections
    for f in module.functions:
        target = module.derivatives.get(f.name, (f.name, ""))
        for section in sections:
            context = section.context
            d = next((d for d in context.definitions.values() if python_of(d.name) == target[0] and not d.params), None)
            if d is None:
                continue
            term: Term = d.var
            if target[1]:
                v = next((x.var for x in context.declarations.values() if python_of(x.name) == target[1]), None)
                if v is None:
                    continue
                term = Diff(d.var, v)
            _same(f, term, context, loaded)
            break


def _same(f: Any, term: Term, context: Context, loaded: ModuleType) -> None:
    for point, instance in points(context, term):
        values = []
        for i in f.program.inputs:
            if i.name not in instance.values:
                return
            value = floats(instance.values[i.name])
            values.append(value if i.shape else float(value))
        try:
            want = floats(point.value(term))
        except (EvaluationError, ResourceLimit):
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                got = getattr(loaded, f.name)(*values)
            except (ValueError, np.linalg.LinAlgError):  # what it says of input that it does not take
                continue
        if not near(want, np.asarray(got, dtype=float), 1e-6):
            raise Finding("code", f"{f.name}{values} = {got}, and {term} = {want}")


#: name → what is run, and its part of the time
TARGETS: dict[str, tuple[Callable[[bytes], None], float]] = {
    "check": (checking, 0.45),
    "gradient": (deriving, 0.22),
    "codegen": (compiling, 0.18),
    "read": (reading, 0.10),
    "parse": (parsed, 0.05),
}


