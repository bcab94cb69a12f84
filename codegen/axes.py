"""Axes as positions: in which order a tensor's axes come, and code that brings an array to another order."""

from __future__ import annotations

from codegen.code import ATOM, Code, call
from codegen.program import Axes, Contract, Pointwise, Read, Reduce, Tensor, merged


def natural(t: Tensor) -> Axes:
    """The order of the axes in which the tensor is computed without turning anything."""
    match t:
        case Contract(over=over, factors=factors):
            tensors = [f for f in factors if f.axes]
            if len(tensors) == 2:
                orders = [_product(a, b) for a, b in (tensors, tensors[::-1])]
                found = [o for o in orders if len(o[1]) == len(t.axes)]
                if found:
                    return min(found, key=lambda o: o[0])[1]
            return tuple(i for i in merged(*(natural(f) for f in tensors)) if i not in over)
        case Pointwise():
            full = [a for a in t.args if a.axes]
            if not full:
                return ()
            widest = max(full, key=lambda a: (len(a.axes), any(isinstance(n, Read) for n in a.walk())))
            return merged(natural(widest), t.axes)
        case Reduce(over=over):
            return tuple(i for i in natural(t.body) if i not in over)
        case _:
            return t.axes


def _product(a: Tensor, b: Tensor) -> tuple[int, Axes]:
    """The axes of a b, a's before b's, and how many of the two are turned for it."""
    first, second = natural(a), natural(b)
    left, right = tuple(i for i in first if i not in second), tuple(i for i in second if i not in first)
    turns = (first[: len(left)] != left) + (second[len(second) - len(right) :] != right)
    return turns, left + right


def expanded(code: Code, own: Axes, frame: Axes) -> Code:
    """An array with the axes `own` where those of `frame` are expected."""
    if own == frame[len(frame) - len(own) :]:
        return code
    first = frame.index(own[0])
    marks = [":" if i in own else "None" for i in frame[first:]]
    while len(marks) > 1 and marks[-1] == ":" and "None" in marks[:-1]:
        marks.pop()
    return Code(f"{code.at(ATOM)}[{', '.join(marks)}]")


def turned(code: Code, have: Axes, want: Axes) -> Code:
    """The array with its axes in the wanted order."""
    if have == want:
        return code
    if len(have) == 2:
        return Code(f"{code.at(ATOM)}.T")
    return call("np.transpose", code.text, str(tuple(have.index(i) for i in want)))


__all__ = ["expanded", "natural", "turned"]
