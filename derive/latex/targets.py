"""The name that a declaration or definition introduces: its key, and what indexes it.

A subscript belongs to the name (`\\mu_0`, `E_D`, `\\sigma_{\\text{noise}}`, `h_\\theta(x)`) or is an index
(`y_k`); what it is, is told by what the document does with its letters and never by how they look.
"""

from __future__ import annotations

from derive.latex.errors import ReadError
from derive.latex.names import subscript_text
from derive.latex.naming import index_nodes, split_scripts
from derive.latex.scope import MAX_NAMES, Scope
from derive.latex.syntax import Cases, Juxtaposed, Label, Node, Number, Scripted, Symbol, children
from derive.names import PRIME, compose, latex_of


class Target:
    """`body` is what defines the name (None where it is declared); `array` where it is declared to be one."""

    def __init__(self, scope: Scope, node: Node, body: Node | None = None, array: bool = False) -> None:
        symbol, sub, label, primes, rest = split_scripts(node)
        if symbol is not None and body is not None and any(s.power is not None for s in rest):
            raise ReadError("D138", node.start, node.end, latex=latex_of(symbol.base))
        if symbol is None or rest or len(scope.meanings) > MAX_NAMES:
            code = "D136" if len(scope.meanings) > MAX_NAMES else "D129" if body is None else "D125"
            raise ReadError(code, node.start, node.end, limit=MAX_NAMES)
        self.node, self.symbol, self.style = node, symbol, symbol.style
        self.family: Label | None = None
        self.sub = sub
        self.array = array
        text = ""
        if sub and self._named(scope, subscript_text(sub), body):
            text, self.sub = subscript_text(sub), ()
        if label is not None and label.letter and symbol.base in scope.families:
            self.family = label
            self.key = compose(symbol.base, 0, text) + "^()"
        else:
            self.key = compose(symbol.base, primes, text, label.text if label else "")
        self.shown = compose(symbol.base, primes, text, label.text if label else "")

    def _named(self, scope: Scope, text: str, body: Node | None) -> bool:
        """Does the subscript belong to the name?"""
        if not text:
            return False
        nodes = index_nodes(self.sub)
        old = scope.find(self.symbol.base, self.style)
        axes = len(old.shape) - old.labels if old is not None and old.kind in ("variable", "definition") else 0
        if scope.find(compose(self.symbol.base, 0, text), self.style) is not None:
            return True
        if any(isinstance(n, Number) for n in nodes):  # μ₀; w₂ of a declared vector is its entry
            return not axes or any(isinstance(n, Number) and not n.text.strip("0") for n in nodes)
        letters = [n.base for n in nodes if isinstance(n, Symbol)]
        if len(letters) < len(nodes) or any(len(x.rstrip(PRIME)) > 1 for x in letters):  # a word
            return True
        if body is not None and index_letters(scope, body).issuperset(letters):
            return False
        if any(isinstance(n, Symbol) and n.style == "roman" for n in nodes):  # an upright letter is a word too
            return True
        if any(x in scope.sizes or x in scope.coming for x in letters):  # E_D, m_N: sizes are no indices
            return True
        if body is None:
            if len(letters) == 1 and (self.symbol.base, letters[0]) in scope.whole and not axes:
                return True
            if self.array and len(letters) > 1:  # W_{xh}: no array of arrays
                return not axes
            return all(x in scope.meanings or x in scope.named for x in letters) and axes != len(letters)
        return axes != len(letters) and not index_letters(scope, body).intersection(letters)

    def display(self, scope: Scope) -> str:
        if self.family is not None:
            return self.shown
        return scope.display(self.key, self.style)

    def letters(self) -> list[Symbol]:
        """The index letters in the subscript, in order."""
        found: list[Symbol] = []
        for part in self.sub:
            items = part.left.items if isinstance(part.left, Juxtaposed) else (part.left,)
            for item in items:
                if not isinstance(item, Symbol) or part.op:
                    raise ReadError("D125", part.start, part.end)
                if item.base in {f.base for f in found}:
                    raise ReadError("D170", item.start, item.end, index=item.base)
                found.append(item)
        return found


def index_letters(scope: Scope, body: Node) -> set[str]:
    """Letters that `body` uses as an index: in a subscript, a label or a condition of cases."""
    found: set[str] = set()
    stack = [body]
    while stack:
        node = stack.pop()
        if isinstance(node, Scripted):
            symbol, sub, label, _, _ = split_scripts(node)
            name = compose(symbol.base, 0, subscript_text(sub)) if symbol is not None else ""
            if name not in scope.meanings:
                found |= {n.base for n in index_nodes(node.sub) if isinstance(n, Symbol)}
            if label is not None and label.letter:
                found.add(label.letter)
        if isinstance(node, Cases):
            found |= {s.base for _, c in node.rows for s in (c.left, c.right) if isinstance(s, Symbol)}
        stack.extend(children(node))
    return found


__all__ = ["Target", "index_letters"]
