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
                a, b = (f.axes for f in tensors)
                left = tuple(i for i in natural(tensors[0]) if i not in b)
                right = tuple(i for i in natural(tensors[1]) if i not in a)
                if len(left) + len(right) == len(t.axes):
                    return left + right
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
