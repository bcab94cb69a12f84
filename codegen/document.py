"""A homework document → one NumPy module: a function per definition, and its proved gradients.

    compile_document(path) reads the document, proves what is to be compiled and prints the module.

What cannot be derived, proved or compiled is refused with its place in the document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from codegen import curvature
from codegen.columns import hessian_by_columns
from codegen.document_text import Function, checked, module_text
from codegen.errors import CodegenError
from codegen.lower import lower
from codegen.printer import print_function
from codegen.program import Extent, Program
from codegen.spelling import HELPERS, TAKEN, aliases, spelled
from codegen.tried import Trials
from derive.binders import free_indices, substitute
from derive.context import Context, Declaration, Definition, written
from derive.diagnostics.rows import safe
from derive.files import read_text
from derive.gradient.derivation import GradientError, Gradients, dependencies, derivatives_in, gradients
from derive.gradient.primes import slopes
from derive.gradient.proof import Prover
from derive.homework.document import Claim, Document, Place, read_document
from derive.kernel import Theorem
from derive.messages import word
from derive.messages.reasons import reason
from derive.names import python_names
from derive.notation import unicode
from derive.props import Rel
from derive.prover import ProofError, prove
from derive.terms import Call, Diff, Entry, Term, Var


@dataclass(frozen=True)
class Refusal:
    """What is not compiled, where it stands, and why."""

    what: str
    why: str
    place: Place | None = None

    def text(self, file: str, lang: str = "en") -> str:
        where = f"{file}:{self.place.line}:{self.place.column}" if self.place is not None else file
        return f"{word('error', lang)}: {reason(self.what, lang)}\n  --> {where}\n   = {reason(self.why, lang)}"


class Refused(Exception):
    """The document has parts that cannot be compiled."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__("; ".join(f"{r.what}: {r.why}" for r in refusals))
        self.refusals = tuple(refusals)


@dataclass(frozen=True)
class Module:
    """The module's source, and what a test of it needs to know."""

    source: str
    functions: tuple[Function, ...]
    #: function → (name of the value's function, argument) for gradients
    derivatives: dict[str, tuple[str, str]] = field(default_factory=dict)
    #: function → (name of the gradient's function, argument, the direction's argument or "") for Hessians
    seconds: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    #: those that hold also where what is assumed of the argument does not, unlike the gradient's function
    across: frozenset[str] = frozenset()
    #: function → (gradient's function, argument, direction's argument) for each result of a product by all variables
    together: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Item:
    """A definition to compile, in the context at the end of its section."""

    definition: Definition
    context: Context
    name: str
    place: Place | None


def compile_document(
    path: Path, *, every_gradient: bool = False, section: str | None = None, hessians: bool = False,
    only: str | None = None, by: Sequence[str] | None = None, tell: Callable[[Place | None, str], None] | None = None,
) -> Module:  # fmt: skip
    """The module of the document at `path`.

    `every_gradient`: derive and prove the gradients of every scalar definition; otherwise those that
    the document claims.  `hessians`: second derivatives and their products with a vector as well.
    `only` this definition and its gradients `by` these variables, by their Python names.  `tell` hears where
    each definition stands, and its name, before it is compiled, and before each of its Hessians is.
    Raises `Refused` with the places, `OSError` or `Unreadable` where the file cannot be read.
    """
    text = read_text(str(path))
    document = read_document(text, str(path))
    compiler = _Compiler(document, section, every_gradient, hessians, tell or (lambda place, name: None))
    return compiler.module(path.name, text, only, by)


class _Compiler:
    def __init__(
        self, document: Document, section: str | None, every: bool, hessians: bool,
        tell: Callable[[Place | None, str], None],
    ) -> None:  # fmt: skip
        self.document = document
        self.tell = tell
        self.every = every
        self.hessians = hessians
        self.section = section
        self.by: Sequence[str] | None = None
        #: the identifiers of what scalars are differentiated by
        self.variables: dict[str, None] = {}
        #: other words for them
        self.also: dict[str, str] = {}
        self.refusals: list[Refusal] = []
        self.functions: list[Function] = []
        #: where the definition of each stands
        self.places: dict[str, Place | None] = {}
        self.derivatives: dict[str, tuple[str, str]] = {}
        self.seconds: dict[str, tuple[str, str, str]] = {}
        self.across: set[str] = set()
        self.joint: dict[str, list[tuple[str, str, str]]] = {}

    def module(self, name: str, text: str, only: str | None, by: Sequence[str] | None) -> Module:
        items = self.items()
        if only is not None:
            known = ", ".join(i.name for i in items) or "nothing"
            items = [i for i in items if i.name == only]
            if not items:
                raise Refused([*self.refusals, Refusal(f"no definition of {only}", f"the document defines {known}")])
        self.by = by
        if not items and not self.refusals:
            raise Refused([Refusal("nothing to compile", "the document has no definition")])
        for item in items:
            self.tell(item.place, item.name)
            self.guarded(item)
        strange = [n for n in by or () if self.also.get(n, n) not in self.variables] if only is None else []
        if strange and not self.refusals:
            known = ", ".join(self.variables) or "nothing"
            raise Refused([Refusal(f"no scalar has a derivative by {strange[0]}", f"they depend on {known}")])
        if self.refusals:
            raise Refused(self.refusals)
        source = module_text(name, text, self.functions)
        self.tried(source)
        return Module(
            source, tuple(self.functions), self.derivatives, self.seconds, frozenset(self.across), self.joint
        )

    def tried(self, source: str) -> None:
        """The functions are run once; none is written that does not give what its theorems say."""
        trials = Trials(source)
        why = "internal error, please report it: the program gives other numbers than its theorem"
        wrong = [f.name for f in self.functions if f.program.theorems and trials.differs(f)]
        if wrong:
            raise Refused([Refusal(f"{name} cannot be compiled", why, self.places.get(name)) for name in wrong])

    # -- what is compiled --------------------------------------------------------------------------------

    def items(self) -> list[_Item]:
        """Every definition once, in order, under its Python name."""
        places = {id(d): p for d, _, p in self.document.definitions}
        for text, place, why in self.document.unread():
            self.refusals.append(Refusal(f"`{safe(text)}` cannot be read", why, place))
        sections = self.document.sections
        if self.section is not None:
            wanted = [s for s in sections if s.title.strip() == self.section.strip()]
            if len(wanted) != 1:
                titles = ", ".join(repr(s.title) for s in sections if s.title)
                why = "two headings have this text" if wanted else f"the headings are {titles or 'none'}"
                raise Refused([Refusal(f"no section {self.section!r}", why)])
            sections = wanted
        found: dict[int, tuple[Definition, Context]] = {}
        for part in sections:
            for d in (d for d in part.context.definitions.values() if not d.name.endswith("#")):
                found.setdefault(id(d), (d, part.context))
        names = [written(d.name) for d, _ in found.values()]
        identifiers = python_names(dict.fromkeys(names), TAKEN)
        made: list[_Item] = []
        seen: dict[str, Definition] = {}
        for d, context in found.values():
            python = identifiers[written(d.name)]
            if python in seen:
                why = "it is defined more than once; choose with --section HEADING"
                self.refusals.append(Refusal(f"the name {python}", why, places.get(id(d))))
                continue
            seen[python] = d
            made.append(_Item(d, context, python, places.get(id(d))))
        return made

    def guarded(self, item: _Item) -> None:
        """Compiles one definition; a failure becomes a refusal with its place."""
        try:
            self.compiled(item)
        except (GradientError, ProofError, CodegenError) as failure:
            part = getattr(failure, "term", None)
            shown = f" ({unicode(part, item.context)})" if isinstance(part, Term) else ""
            self.refusals.append(Refusal(f"{item.name} cannot be compiled", f"{failure}{shown}", item.place))

    def compiled(self, item: _Item) -> None:
        d = item.definition
        if d.params and d.local:
            self.function(item)
            return
        primed = slopes(item.context, d.var)
        known = primed + [self.known(item.context, t) for t in derivatives_in(item.context, d.var)]
        claimed = self.claimed(item) if not d.body.shape else {}
        wrt = dependencies(item.context, d.var) if self.every and not d.body.shape else []
        names = spelled(item.context)
        self.variables |= dict.fromkeys(names[v.name] for v in wrt)
        if self.by is not None:
            also = aliases(names)
            self.also |= also
            wrt = [v for v in wrt if names[v.name] in {also.get(n, n) for n in self.by}]
        if not wrt:
            value = Prover(item.context, d.var).value(d.name)
            self.add(item.name, {"value": value}, item, using=known)
            for name, theorem in claimed.items():
                self.gradient(item, name, theorem, primed)
            return
        found = gradients(item.context, d.var, wrt)
        self.add(item.name, {"value": found.value}, item, using=primed)
        arguments = [i.name for i in self.functions[-1].program.inputs]
        left = {name: t for name, t in found.gradients.items() if name in arguments}  # the others cancel
        if not left:
            return
        for name, theorem in left.items():
            self.gradient(item, name, theorem, primed)
        self.both(item, found.value, left, primed)
        if self.hessians:
            wrt = [v for v in wrt if v.name in left]
            for second in curvature.functions(item.context, found, wrt, item.name):
                self.tell(item.place, item.name)  # the limits are for each of them
                if second.theorem is not None:
                    self.add(second.label, {second.label: second.theorem}, item, using=primed, doc=second.doc)
                else:
                    whole = next(f for f in self.functions if f.name == second.columns)
                    self.functions.append(hessian_by_columns(whole, second.label, item.name, second.variable))
                gradient = f"grad_{item.name}_{second.variable}"
                self.seconds[second.label] = (gradient, second.variable, second.direction)
                if second.across:
                    self.across.add(second.label)
            if self.by is not None and len(wrt) > 1:
                self.tell(item.place, item.name)
                self.together(item, found, wrt, arguments, primed)

    def gradient(self, item: _Item, name: str, theorem: Theorem, slopes: Sequence[Theorem]) -> None:
        identifier = spelled(item.context)[name]
        label = f"grad_{item.name}_{identifier}"
        self.add(label, {label: theorem}, item, using=slopes)
        self.derivatives[label] = (item.name, identifier)

    def both(
        self, item: _Item, value: Theorem, gradients: dict[str, Theorem], slopes: Sequence[Theorem]
    ) -> None:
        labels = [f"grad_{spelled(item.context)[name]}" for name in gradients]
        theorems = {"value": value, **dict(zip(labels, gradients.values()))}
        doc = f"{item.name} and its gradients: ({', '.join(['value', *labels])})"
        self.add(f"value_and_grad_{item.name}", theorems, item, using=slopes, doc=doc)

    def together(
        self, item: _Item, found: Gradients, wrt: Sequence[Var], inputs: Sequence[str], slopes: Sequence[Theorem]
    ) -> None:
        """The product of the Hessian by all variables; its arguments are those of the scalar, then a direction each."""
        made = curvature.together(item.context, found, wrt, item.name)
        self.add(made.label, made.theorems, item, using=slopes, doc=made.doc, arguments=[*inputs, *made.directions])
        own = [spelled(item.context)[v.name] for v in wrt]
        directions = self.functions[-1].source.arguments[-len(own) :]
        self.joint[made.label] = [(f"grad_{item.name}_{w}", w, v) for w, v in zip(own, directions)]

    def function(self, item: _Item) -> None:
        """A function of scalars; it acts entrywise on arrays."""
        d = item.definition
        inner = item.context.child()
        if any(p.shape for p in d.params):
            raise CodegenError("a function of an array that is not declared")
        if d.body.shape:
            raise CodegenError("a function of numbers whose value is an array; declare what it depends on")
        arguments = []
        for p in d.params:
            made = inner.declare(Declaration(p.name.rstrip("#")))
            arguments.append(made)
        theorem = prove(inner, Rel("=", Call(d.name, tuple(arguments), ()), _at(d, arguments)))
        known = slopes(inner, d.body)
        known += [self.known(inner, t) for t in derivatives_in(inner, d.body)]
        program = lower(item.name, {item.name: theorem}, using=known, fine=True)
        self.functions.append(Function(print_function(program, name=item.name), program, False))

    def add(
        self, label: str, theorems: dict[str, Theorem], item: _Item, *, using: Sequence[Theorem] = (),
        doc: str = "", arguments: Sequence[str] | None = None,
    ) -> None:  # fmt: skip
        theorems = {(label if k == "value" and len(theorems) == 1 else k): t for k, t in theorems.items()}
        program = lower(label, theorems, using=using, fine=True, arguments=arguments)
        if arguments is None and _untold(program):
            program = lower(label, theorems, using=using, fine=True, arguments=self.with_sizes(program, item))
        if any(f.name == label for f in self.functions):
            raise CodegenError(f"two functions of the module would be called {label}")
        source = print_function(program, name=label, doc=doc, reserved=HELPERS, given=spelled(item.context))
        self.places[label] = item.place
        self.functions.append(Function(checked(source, program), program))

    @staticmethod
    def with_sizes(program: Program, item: _Item) -> list[str]:
        """The arguments and, for each size that none of them tells, the first declared array that does."""
        names = {i.name for i in program.inputs}
        left = _untold(program)
        for d in item.context.declarations.values():
            told = {s.names[0] for s in d.shape if len(s.parts) == 1} & left
            if told:
                names.add(d.name)
                left -= told
        declared = item.context.declarations
        return [n for n in declared if n in names] + [i.name for i in program.inputs if i.name not in declared]

    # -- derivatives -------------------------------------------------------------------------------------

    def known(self, context: Context, t: Diff) -> Theorem:
        """The theorem on a derivative that stands in a definition."""
        if isinstance(t.body, Var) and isinstance(t.wrt, Var) and t.body.name in context.definitions:
            return gradients(context, t.body, [t.wrt]).gradients[t.wrt.name]
        raise CodegenError("a derivative of something that has no name", t)

    def claimed(self, item: _Item) -> dict[str, Theorem]:
        """∂F/∂v = … for the claims of the document about this definition, where they are proved."""
        made: dict[str, Theorem] = {}
        for chain in _chains(self.document.claims):
            first = chain[0].prop
            if not isinstance(first, Rel) or not isinstance(first.left, Diff) or not self.visible(chain[0], item):
                continue
            left = first.left
            v = left.variable
            if left.body != item.definition.var or not isinstance(v, Var) or v.name in made:
                continue
            if isinstance(left.wrt, Entry) and len(free_indices(left)) != len(left.wrt.indices):
                continue
            for claim in reversed(chain):  # the last side that can be computed
                if not isinstance(claim.prop, Rel) or any(isinstance(n, Diff) for n in claim.prop.right.walk()):
                    continue
                try:
                    made[v.name] = prove(claim.context, Rel("=", left, claim.prop.right))
                    break
                except ProofError:
                    continue
        return made

    def visible(self, claim: Claim, item: _Item) -> bool:
        return claim.context.definitions.get(item.definition.name) is item.definition and (
            self.section is None or claim.derivation.strip() == self.section.strip()
        )


def _untold(program: Program) -> set[str]:
    """The sizes that the program uses and no argument tells."""
    used: set[str] = set()
    for statement in program.statements:
        axes = {i for t in statement.value.walk() for i in t.axes} | set(statement.axes)
        used |= {n for i in axes for n in i.size.names}
        for t in statement.value.walk():
            if isinstance(t, Extent):
                used |= set(t.size.names)
            for i in getattr(t, "over", ()):
                used |= set(i.size.names)
    return used - {s.names[0] for i in program.inputs for s in i.shape if len(s.parts) == 1}


def _chains(claims: Iterable[Claim]) -> list[list[Claim]]:
    """Claims of one display whose sides are joined by =, in order."""
    made: list[list[Claim]] = []
    for claim in claims:
        last = made[-1][-1] if made else None
        joined = (
            last is not None and isinstance(last.prop, Rel) and isinstance(claim.prop, Rel)
            and last.prop.op == claim.prop.op == "=" and last.prop.right == claim.prop.left
            and last.derivation == claim.derivation
        )  # fmt: skip
        if joined:
            made[-1].append(claim)
        elif isinstance(claim.prop, Rel) and claim.prop.op == "=":
            made.append([claim])
    return made


def _at(d: Definition, arguments: Sequence[Var]) -> Term:
    return substitute(d.body, {}, dict(zip(d.params, arguments)))


__all__ = ["Module", "Refusal", "Refused", "compile_document"]
