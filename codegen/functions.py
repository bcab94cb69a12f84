"""What every generated function has: checked arguments, sizes, statements, a docstring."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from codegen.axes import turned
from codegen.code import Code, call
from codegen.emit import Emitter
from codegen.errors import CodegenError
from codegen.layout import Line
from codegen.modules import At
from codegen.program import Axes, Program, Solve, Statement
from codegen.scalars import Scalars
from codegen.tensors import Tensors
from derive.binders import free_indices
from derive.context import Context, Domain
from derive.names import python_names, python_of
from derive.props import Rel
from derive.terms import Size, Var, shape_text

ARRAYS = "Array"
SCALAR = "float"


@dataclass(frozen=True)
class Argument:
    """A name of the lecture as an argument."""

    name: str  # in the lecture
    spelled: str  # in Python
    shape: tuple[Size, ...]
    domain: Domain


@dataclass
class Written:
    """A generated function, ready for the template."""

    name: str
    signature: str
    summary: str
    doc: list[str]
    lines: list[Line]
    helpers: set[str] = field(default_factory=set)
    imports: set[str] = field(default_factory=set)
    quiet: bool = False
    private: bool = False


@dataclass(frozen=True)
class Proof:
    """Where a statement comes from, for the map and the docstrings."""

    at: At
    slide: str


def arguments(names: Sequence[str], context: Context, spelled: Mapping[str, str]) -> list[Argument]:
    """The declared names as arguments, in order."""
    made = []
    for name in names:
        declared = context.declarations[context.names.get(name, name)]
        made.append(Argument(declared.name, spelled.get(name, python_of(name)), declared.shape, declared.domain))
    return made


def beyond(names: Sequence[str], programs: Iterable[Program], context: Context) -> list[str]:
    """What the programs need beyond `names`, in order of declaration."""
    needed = {i.name for p in programs for i in p.inputs}
    return [name for name in context.declarations if name in needed and name not in names]


# -- checks ------------------------------------------------------------------------------------------------


def axes_text(shape: Sequence[Size]) -> str:
    """Axes as `_arrays` takes them: "N D"."""
    return " ".join(str(s).replace(" ", "") for s in shape)


def checked(given: Sequence[Argument], context: Context) -> list[Line]:
    """Arguments as arrays of one type; then the declared domains and the assumptions about them."""
    names = ", ".join(a.spelled for a in given)
    pairs = ", ".join(f'{a.spelled}=({a.spelled}, "{axes_text(a.shape)}")' for a in given)
    lines = [Line(f"{names if len(given) > 1 else f'({names},)'} = _arrays({pairs})")]
    return [*lines, *requirements(given, context)]


def requirements(given: Sequence[Argument], context: Context) -> list[Line]:
    lines = []
    for a in given:
        condition, words = _domain(a.spelled, a.domain)
        if condition:
            shape = f"; expected shape {shape_text(a.shape)}" if a.shape else ""
            lines.append(Line(f'_require({condition}, "{a.spelled} must {words}{shape}")'))
    known = {a.name: a for a in given}
    for assumption in context.assumptions:
        prop = assumption.prop
        if not isinstance(prop, Rel) or prop.op != "=":
            continue
        about = [v for side in (prop.left, prop.right) for v in side.walk() if isinstance(v, Var)]
        if any(v.name not in known for v in about) or not about:
            continue
        first = known[about[0].name]
        condition = _relation(prop, context, {a.name: a.spelled for a in given})
        shape = shape_text(first.shape)
        lines.append(
            Line(f'_require({condition}, "{first.spelled} does not fit: {assumption.text}; expected shape {shape}")')
        )
    return lines


def _domain(name: str, domain: Domain) -> tuple[str, str]:
    """The condition as code and in words; empty for ℝ."""
    if domain.values is not None:
        values = [str(v) for v in domain.values]
        return " | ".join(f"({name} == {v})" for v in values), f"have entries in {{{', '.join(values)}}}"
    parts, words = [], []
    if domain.low is not None:
        parts.append(f"({name} {'>' if domain.low_strict else '>='} {domain.low})")
        words.append(f"be {'greater than' if domain.low_strict else 'at least'} {domain.low}")
    if domain.high is not None:
        parts.append(f"({name} {'<' if domain.high_strict else '<='} {domain.high})")
        words.append(f"be {'less than' if domain.high_strict else 'at most'} {domain.high}")
    if domain.nonzero:
        parts.append(f"({name} != 0)")
        words.append("not be 0")
    code = " & ".join(parts)
    return (code[1:-1] if len(parts) == 1 else code), " and ".join(words)


def _relation(prop: Rel, context: Context, names: Mapping[str, str]) -> str:
    """Whether the two sides are equal, up to rounding, for every value of the free indices."""
    entries, tensors = Scalars(context), Tensors()
    sides = [tensors.tensor(entries.at(side)) for side in (prop.left, prop.right)]
    order = tuple(sorted(free_indices(prop.left) | free_indices(prop.right)))
    emitter = Emitter(names, {})
    left, right = (emitter.framed(side, order).text for side in sides)
    return f"np.abs({left} - {right}) < 1e-5"


class CheckedEmitter(Emitter):
    """Systems of equations by a helper that says which argument makes them singular."""

    def __init__(self, names: Mapping[str, str], sizes: Mapping[str, str], singular: str) -> None:
        super().__init__(names, sizes)
        self.singular = singular

    def solve(self, t: Solve, order: Axes) -> Code:
        rest = tuple(i for i in order if i != t.row)
        if len(rest) > 1:
            raise CodegenError("a system of equations with more than one axis on the right")
        right = self.exact(t.right, (t.along, *rest)).text
        self.used.add("scipy")
        how = '"pos"' if t.matrix.definite else '"gen"'
        made = call("_solve", self.square(t.matrix).text, right, how, f'"{self.singular}"')
        return turned(made, (t.row, *rest), order)


def singular_text(given: Sequence[Argument], hypotheses: Sequence[str]) -> str:
    """What a singular system of equations says of the arguments."""
    a = next(a for a in given if a.shape)
    needs = " and ".join(hypotheses) or "a regular system of equations"
    return f"{a.spelled} of shape {shape_text(a.shape)} does not fit: it needs {needs}"


# -- statements ----------------------------------------------------------------------------------------------


def sizes_of(given: Sequence[Argument]) -> dict[str, str]:
    """Sizes that the shapes of the arguments tell, by name."""
    found = [s.parts[0][0] for a in given for s in a.shape if _plain(s)]
    return {name: python_of(name) for name in dict.fromkeys(found)}


def size_lines(given: Sequence[Argument], used: set[str]) -> list[Line]:
    """`N, D = X.shape`, for the sizes in `used`."""
    lines, done = [], set[str]()
    for a in given:
        own = [s.parts[0][0] if _plain(s) else "" for s in a.shape]
        new = [n for n in own if n in used and n not in done]
        if len(new) == len(own) > 1 and len(set(new)) == len(new):
            lines.append(Line(f"{', '.join(map(python_of, own))} = {a.spelled}.shape"))
        else:
            lines += [Line(f"{python_of(n)} = {a.spelled}.shape[{own.index(n)}]") for n in dict.fromkeys(new)]
        done |= set(new)
    if used - done:
        raise CodegenError(f"no argument has an axis that tells the size {min(used - done)}")
    return lines


def _plain(s: Size) -> bool:
    return not s.const and len(s.parts) == 1 and s.parts[0][1] == 1


def names_of(program: Program, given: Mapping[str, str], reserved: Iterable[str] = ()) -> dict[str, str]:
    """Identifiers for all names of a program, of which `given` are fixed."""
    taken = {"np", "linalg", "math", *given.values(), *reserved}
    free = [s.name for s in program.statements if s.name not in given]
    return {**given, **python_names(free, taken)}


def code_of(emitter: Emitter, s: Statement, kind: str) -> str:
    """The expression of a statement; `kind` is code of the type for an array of equal entries."""
    code = emitter.framed(s.value, s.axes)
    missing = [i for i in s.axes if i not in s.value.axes]
    if not missing:
        return code.text
    shape = ", ".join(emitter.size(i.size).text for i in s.axes)
    return f"np.full(({shape}{',' * (len(s.axes) == 1)}), {code.text}, dtype={kind})"


def because(code: str, proof: Proof, s: Statement) -> Line:
    """A line that computes a statement, with what the map says of it."""
    at = proof.at
    rule = "; ".join((s.reason.text, *s.reason.rules))
    return Line(code, s.equation, at.derivation, at.label, proof.slide, rule)


def statement_lines(
    program: Program, emitter: Emitter, names: Mapping[str, str], proof: Proof, kind: str
) -> list[Line]:
    """One line per statement, arrays made new."""
    return [
        because(f"{names[s.name]} = {code_of(emitter, s, kind)}", proof, s) for s in program.statements
    ]


# -- heads ---------------------------------------------------------------------------------------------------


def signature(name: str, parts: Sequence[str], returns: str) -> str:
    """The `def` line, on several lines if it is long."""
    line = f"def {name}({', '.join(parts)}) -> {returns}:"
    if len(line) <= 100:
        return line
    inner = "".join(f"    {p},\n" for p in parts)
    return f"def {name}(\n{inner}) -> {returns}:"


def plain_parts(given: Sequence[Argument]) -> list[str]:
    return [f"{a.spelled}: {ARRAYS if a.shape else SCALAR}" for a in given]


def shapes_doc(given: Sequence[Argument]) -> str:
    """X (N, D), w (D,), y (N,), lam > 0."""
    words = []
    for a in given:
        condition, _ = _domain(a.spelled, a.domain)
        if a.shape:
            kind = f" of {', '.join(map(str, a.domain.values))}" if a.domain.values else ""
            words.append(f"{a.spelled} {shape_text(a.shape)}{kind}")
        else:
            words.append(condition or a.spelled)
    return ", ".join(words)


__all__ = [
    "Argument", "CheckedEmitter", "Proof", "Written", "arguments", "because", "beyond", "checked",
    "code_of", "names_of", "plain_parts", "requirements", "shapes_doc", "signature", "singular_text",
    "size_lines", "sizes_of", "statement_lines",
]  # fmt: skip
