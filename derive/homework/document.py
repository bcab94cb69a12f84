"""A homework document → claims in contexts: scopes, the roles of formulas, positions."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from itertools import takewhile
from typing import TypeVar

from derive.context import Assumption, Context
from derive.homework.again import Written, skipping, steps_about
from derive.homework.ahead import Place as Position
from derive.homework.ahead import introductions
from derive.homework.claim import Claim, Document, Section
from derive.homework.finish import finish
from derive.homework.markdown import Source, items, line_starts, normalised
from derive.homework.place import Place
from derive.homework.spans import Span, optimised, parsed
from derive.latex import declare as declaring
from derive.latex import read  # noqa: F401  (fills the table of rules)
from derive.latex.claims import Chain, Step, steps
from derive.latex.declaration import declares
from derive.latex.errors import Problem, ReadError
from derive.latex.families import Uses, families
from derive.latex.layout import Formula
from derive.latex.macros import Macros
from derive.latex.naming import compose_name
from derive.latex.relations import CLAIMED, FOREIGN
from derive.latex.scope import Scope
from derive.latex.sizes import Sizes
from derive.latex.subscripts import Subscripts
from derive.latex.syntax import Juxtaposed, Node
from derive.latex.unlike import Unlike, implied, pairs_of, restricted, speaks_of, unlike
from derive.props import Prop

ASSUMING = re.compile(r"[\s*_]*(assume|suppose|given|仮定)", re.IGNORECASE)
_EXPECT = re.compile(r"\s*derive:\s*expect\s+(unknown|refuted|proved|error)\s*")
#: the errors of a name that means nothing yet
LACKING = ("D140", "D141", "D142", "D146", "D156")
_T = TypeVar("_T")
_DEFINES = (":=", "\\coloneqq", "\\triangleq")


def read_document(text: str, file: str) -> Document:
    """Reads a whole document; whatever is wrong in it becomes steps with an error."""
    return _Reader(normalised(text), file).read()


class _Reader:
    def __init__(self, text: str, file: str) -> None:
        self.document = Document(file, text)
        self.starts = line_starts(text)
        self.solver = Sizes()
        self.items = items(text)
        self.macros = Macros()
        self.spans = {id(item): span for item, span in parsed(self.items, self.macros)}
        self.ahead = introductions(self.items, self.spans)
        self.at = Position(0, 0)
        self.stack: list[tuple[int, str, Scope]] = []
        self.counts: dict[int, int] = {}
        self.section = 0
        self.expect = ""
        self.about: Node | None = None
        #: the pairs of indices that differ in what the paragraph assumes
        self.unlike: list[Unlike] = []
        #: names whose definition cannot be read, with its line
        self.unmade: dict[str, int] = {}

    # -- the walk ------------------------------------------------------------------------------------

    def read(self) -> Document:
        self.open_section("", 0, 0)
        waiting = assuming = False  # a display may follow; the paragraph assumes
        for place, item in enumerate(self.items):
            self.at = Position(place, 0)
            if item.kind == "heading":
                self.open_section(item.text, item.level, place + 1)
                waiting = assuming = False
            elif item.kind == "paragraph":
                assuming = waiting = bool(ASSUMING.match(item.text))
                self.unlike = pairs_of(self.scope, self.paragraph(place + 1)) if assuming else []
            elif item.kind == "end":
                assuming = False
            elif item.kind == "comment":
                match = _EXPECT.fullmatch(item.text.strip().removesuffix("-->"))
                self.expect = match[1] if match else self.expect
            elif item.kind == "macro":
                problem = self.spans[id(item)].problem
                if problem is not None:
                    self.fail(item.source, problem, item.source.text)
            elif item.kind == "inline":
                waiting = waiting and bool(self.unlike) and all(map(self.is_pair, self.spans[id(item)].formulas))
                self.inline(self.spans[id(item)], assuming)
            elif item.kind == "display":
                self.display(self.spans[id(item)], waiting)
                waiting = False
            elif item.kind == "open":
                end = len(item.source.text)
                self.fail(item.source, Problem("D113", {"close": item.text}, 0, min(2, end)), item.source.text)
        self.close_sections(0)
        letters = {c for item in self.items for c in item.source.text}
        finish(self.document, self.solver, letters, self.unmade)
        return self.document

    @property
    def scope(self) -> Scope:
        return self.stack[-1][2]

    def open_section(self, title: str, level: int, first: int) -> None:
        self.close_sections(level)
        uses: list[Uses] = []
        sizes: set[str] = set()
        named: set[str] = set()
        bound: set[str] = set()
        subscripts = Subscripts()
        for item in self.items[first:]:
            if item.kind == "heading" and item.level <= level:
                break
            span = self.spans.get(id(item))
            if span is not None:
                uses += span.uses
                sizes |= span.sizes
                named |= span.named
                bound |= span.bound
                subscripts.add(span.formulas, span.nodes, item.kind == "inline")
        above = self.stack[-1][2] if self.stack else Scope(solver=self.solver)
        scope = above.child(families(uses), frozenset(sizes), frozenset(named - bound), subscripts.names())
        self.stack.append((level, title, scope))
        self.section += 1
        self.counts[self.section] = 0
        self.title = title
        self.document.sections.append(Section(title, level, scope.context))

    def close_sections(self, level: int) -> None:
        while self.stack and self.stack[-1][0] >= level and len(self.stack) > (1 if level else 0):
            self.stack.pop()

    # -- roles ---------------------------------------------------------------------------------------

    def inline(self, span: Span, assuming: bool) -> None:
        source = span.item.source
        if span.problem is not None:
            if any(d in source.text for d in (*_DEFINES, "\\mathbb{R}", "\\mathbb R")):
                self.fail(source, span.problem, source.text, introduces=True)
            return
        names: list[Node | ReadError] = []
        for k, formula in enumerate(span.formulas):
            sides = span.nodes[k]
            if not formula.relations:
                names.append(sides[0])
                foreign = next((t for t in formula.sides[0] if assuming and t.is_(*FOREIGN)), None)
                if foreign is not None:
                    problem = Problem("D106", {"command": foreign.text}, foreign.start, foreign.end)
                    self.fail(source, problem, source.text, introduces=True)
                continue
            self.at = Position(self.at.item, k)
            try:
                if self.at in self.ahead.done:
                    pass
                elif ":=" in formula.ops:
                    self.definition(formula, sides, source)
                elif assuming and self.is_pair(formula):
                    pass
                elif not self.declares(formula, sides, names, source, assuming) and assuming:
                    self.assumption(formula, sides, source)
            except ReadError as error:
                self.fail(source, error.problem, source.text, introduces=True)
            names = []

    def paragraph(self, first: int) -> list[Formula]:
        """The inline formulas of the paragraph whose items begin at number `first`."""
        here = takewhile(lambda item: item.kind not in ("end", "paragraph", "heading"), self.items[first:])
        return [f for item in here if item.kind == "inline" for f in self.spans[id(item)].formulas]

    def declares(
        self,
        formula: Formula,
        sides: list[Node | ReadError],
        names: list[Node | ReadError],
        source: Source,
        assuming: bool = True,
    ) -> bool:
        """Declares if the formula is a declaration; one for indices that differ is none."""
        restricted = assuming and speaks_of(formula, self.unlike)
        text = source.text.strip()
        return not restricted and self.looking(lambda: declares(self.scope, formula, sides, names, text))

    def is_pair(self, formula: Formula) -> bool:
        return unlike(self.scope, formula) in self.unlike

    def display(self, span: Span, assuming: bool) -> None:
        source = span.item.source
        expect, self.expect = self.expect, ""
        if span.problem is not None:
            self.fail(source, span.problem, source.text, expect, introduces=assuming)
            return
        bad: Problem | None = None
        self.about = [self.about, *optimised(span)][-1]
        names: list[Node | ReadError] = []
        if assuming:
            self.unlike += pairs_of(self.scope, span.formulas)
        for k, formula in enumerate(span.formulas):
            sides = span.nodes[k]
            self.at = Position(self.at.item, k)
            try:
                if assuming and formula.relations:
                    if ":=" in formula.ops:
                        self.definition(formula, sides, source)
                    elif not self.is_pair(formula) and not self.declares(formula, sides, names, source):
                        self.assumption(formula, sides, source)
                    names = []
                    continue
                if assuming:
                    names.append(sides[0])
                    continue
                first = 0
                if ":=" in formula.ops:
                    if self.at not in self.ahead.done:
                        self.definition(formula, sides, source)
                    first = 1
                self.check(formula, sides)
                if len(formula.relations) > first:
                    self.claims(span, formula, [n for n in sides if isinstance(n, Node)], first, expect)
            except ReadError as error:
                bad = bad or error.problem
        if bad is not None:
            self.fail(source, bad, source.text, expect, introduces=assuming)

    def check(self, formula: Formula, sides: list[Node | ReadError]) -> None:
        """Can a display with these sides and relations be a claim?"""
        for k, side in enumerate(sides):
            if isinstance(side, ReadError):
                if k == 0 and formula.relations and not formula.sides[0]:
                    first = formula.relations[0]
                    raise ReadError("D123", first.start, first.end, relation=first.text)
                raise side
        only = sides[0]
        if not formula.relations and isinstance(only, Node):
            raise ReadError("D120", only.start, only.end)
        for k, relation in enumerate(formula.relations):
            if relation.op in CLAIMED or (k == 0 and relation.op == ":="):
                continue
            if relation.op == "≠" and any(op in ("⟺", "⟹") for op in formula.ops):
                continue
            code = "D121" if relation.op in ("∈", "→", ":", "∼") else "D122"
            raise ReadError(code, relation.start, relation.end, relation=relation.text)

    def looking(self, reading: Callable[[], _T]) -> _T:
        """What `reading` reads; a name that it lacks is looked for in what follows."""
        while True:
            try:
                return reading()
            except ReadError as error:
                if not self.introduced(error.problem):
                    raise

    def introduced(self, problem: Problem) -> bool:
        """Does the text introduce what is lacking, before it claims anything else?"""
        if problem.code not in LACKING:
            return False
        return self.ahead.read(problem.params["name"], self.at, self.introduce)

    def soon(self, name: str) -> bool:
        """Is the name declared in what is left of the paragraph?"""
        end = next((k for k in range(self.at.item, len(self.items)) if self.items[k].kind == "end"), 0)
        return self.ahead.read(name, self.at, self.introduce, end)

    def introduce(self, place: Position) -> bool:
        span = self.spans[id(self.items[place.item])]
        formula, sides, source = span.formulas[place.number], span.nodes[place.number], span.item.source
        try:
            if ":=" not in formula.ops:
                return declares(self.scope, formula, sides, list(place.names), source.text.strip())
            self.definition(formula, sides, source)
        except ReadError:
            return False
        return True

    def definition(self, formula: Formula, sides: list[Node | ReadError], source: Source) -> None:
        if formula.ops.count(":=") != 1 or formula.ops[0] != ":=":
            relation = next(r for r in formula.relations[::-1] if r.op == ":=")
            raise ReadError("D124", relation.start, relation.end)
        left, right = sides[0], sides[1]
        if isinstance(left, ReadError):
            raise left
        head = left.items[0] if isinstance(left, Juxtaposed) else left
        self.unmade[compose_name(head)] = self.where(source, left.start, left.end).line
        if isinstance(right, ReadError):
            raise right
        made = self.looking(lambda: declaring.define(self.scope, left, right, self.soon))
        del self.unmade[compose_name(head)]
        definition = self.scope.context.definitions[made.name]
        self.document.definitions.append((definition, self.title, self.where(source, left.start, left.end)))

    def assumption(self, formula: Formula, sides: list[Node | ReadError], source: Source) -> None:
        for side in sides:
            if isinstance(side, ReadError):
                raise side
        nodes = [s for s in sides if isinstance(s, Node)]
        text = " ".join(source.text.split()).rstrip(".,")
        formula, nodes, pairs = implied(self.scope, formula, nodes)
        apart = [*self.unlike, *pairs]
        chain = Chain(nodes, formula.relations)
        made = steps(self.scope, chain, self.about)
        while any(step.problem is not None and self.introduced(step.problem) for step in made):
            made = steps(self.scope, chain, self.about)
        for step in made:
            if step.problem is not None:
                raise _again(step.problem)
            assert step.prop is not None
            prop = restricted(self.scope, step.prop, apart)
            told = [pair.text for pair in apart if prop != step.prop and pair.text not in text]
            self.scope.context.assume(Assumption(prop, ", ".join((text, *told))))
            step.lengthen(self.scope.context)

    # -- claims --------------------------------------------------------------------------------------

    def nearest(self, span: Span) -> Node | None:
        """The variable of the nearest arg min or arg max: in this display, above, or else below."""
        if self.about is not None:
            return self.about
        place = self.items.index(span.item)
        here = takewhile(lambda item: item.kind != "heading", self.items[place:])
        later = (self.spans[id(item)] for item in here if id(item) in self.spans)
        return next((variable for span in later for variable in optimised(span)), None)

    def claims(self, span: Span, formula: Formula, nodes: list[Node], first: int, expect: str) -> None:
        source = span.item.source
        chain = Chain(nodes[first:], formula.relations[first:])
        about = self.nearest(span) if "∝" in formula.ops else None
        before: Prop | None = None
        made = steps_about(self.scope, chain, about)
        while any(step.problem is not None and self.introduced(step.problem) for step in made):
            made = steps_about(self.scope, chain, about)
        for step in made:
            number = span.formulas.index(formula)
            stands = Written(source.text, {}, (0, 0), number, first, step.middle, self.scope, self.macros, about)
            self.add(source, formula, chain, step, first, expect, stands)
            self.document.claims[-1].above = skipping(before, step.prop)
            before = step.prop

    def add(
        self, source: Source, formula: Formula, chain: Chain, step: Step, first: int, expect: str, stands: Written
    ) -> None:
        loose = chain.relations[step.middle].op in ("⟺", "⟹")
        cut = step.middle if loose else step.first
        left = self.where(source, chain.sides[step.first].start, chain.sides[cut].end)
        right = self.where(source, chain.sides[step.middle + 1].start, chain.sides[step.last].end)
        relation = chain.relations[step.middle]
        stands.relation = relation.start, relation.end
        stands.sides = {
            "left": (chain.sides[step.first].start, chain.sides[cut].end),
            "right": (chain.sides[step.middle + 1].start, chain.sides[step.last].end),
        }
        a, b = chain.words(source.text, step.first, cut), chain.words(source.text, step.middle + 1, step.last)
        context = self.snapshot(step)
        self.scope.unused.clear()
        self.counts[self.section] += 1
        problem = step.problem
        self.document.claims.append(
            Claim(
                self.document.file, right.line, right.column, right.end_line, right.end_column,
                self.title, self.counts[self.section], f"{a} {relation.text} {b}",
                context, step.prop, problem,
                self.where(source, problem.start, problem.end) if problem else None,
                left, right, formula.reasons.get(step.middle + first, ""), expect, stands,
            )
        )

    def snapshot(self, step: Step | None = None) -> Context:
        context = self.scope.context.child()
        if step is not None:
            step.lengthen(context)
        return context

    def where(self, source: Source, start: int, end: int) -> Place:
        a = source.offset(min(start, len(source.text)))
        b = source.offset(max(start, min(end, len(source.text)) - 1)) + 1 if end > start else a
        row, last = bisect_right(self.starts, a), bisect_right(self.starts, max(a, b - 1))
        return Place(row, a - self.starts[row - 1] + 1, last, b - self.starts[last - 1] + 1)

    def fail(
        self, source: Source, problem: Problem, claim: str, expect: str = "", *, introduces: bool = False
    ) -> None:
        place = self.where(source, problem.start, problem.end)
        self.counts[self.section] += 1
        self.document.claims.append(
            Claim(
                self.document.file, place.line, place.column, place.end_line, place.end_column,
                self.title, self.counts[self.section], " ".join(claim.split())[:400], self.scope.context,
                None, problem, place, expect=expect, introduces=introduces,
            )
        )

def _again(problem: Problem) -> ReadError:
    return ReadError(problem.code, problem.start, problem.end, **problem.params)


__all__ = ["Claim", "Document", "Place", "read_document"]
