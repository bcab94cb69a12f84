"""What can be wrong with a formula: codes, messages and places.

A problem is a code with parameters; the English text is made by `TEMPLATES[code]`, a translation by
another table with the same keys and placeholders.  Parameters are pieces of the document, names,
numbers, shapes and code words; never sentences.
"""

from __future__ import annotations

from dataclasses import dataclass, field

TEMPLATES = {
    # the text itself
    "D101": "a formula, or a side of it, is empty",
    "D102": "the bracket `{open}` is never closed",
    "D103": "`{found}` closes a bracket that was never opened",
    "D104": "`{found}` is not expected here",
    "D105": "something is missing after `{after}`",
    "D106": "`{command}` has no meaning in this format",
    "D107": "the character {character} has no meaning in a formula",
    "D108": "this is nested more than {limit} levels deep; split it with definitions",
    "D109": "this formula has more than {limit} symbols; split it with definitions",
    "D110": "the macro `{command}` expands to too much",
    "D111": "the macro `{command}` needs {count} argument(s)",
    "D112": "the environment `{name}` has no meaning in this format",
    "D113": "this display is never closed; end it with `{close}`",
    "D114": "a number of {digits} digits is too long; the limit is {limit}",
    "D115": "two numbers side by side; write `\\cdot` between them",
    "D116": "`a/b c` can be read in two ways; use `\\frac` or brackets",
    "D117": "this definition of a macro cannot be read",
    "D118": "this TeX group shows no brackets in print; write them",
    # what a formula does
    "D120": "this display makes no claim: it holds no relation",
    "D121": "declarations belong in the text, between single `$`, not in a display",
    "D122": "`{relation}` cannot be claimed; a claim is made with =, ≤, ≥, <, >, ∝, ⟺ or ⟹",
    "D123": "this line starts with `{relation}` but there is no line above to continue",
    "D124": "a definition holds one `:=`",
    "D125": "only a name, with indices, a label or arguments, can be defined",
    "D126": "`{name}` is defined through itself",
    "D127": "the word `{word}` between formulas has no meaning in this format; assume a condition before, or write `\\implies`",
    "D128": "this set has no meaning in this format; use ℝ, ℝ^D, ℝ^{{N×D}}, ℕ, (a, b) or {{a, b}}",
    "D129": "only a name can be declared; declare an array whole, e.g. `$S \\in \\mathbb{{R}}^{{N \\times D}}$`",
    "D130": "a function is declared as `f : \\mathbb{{R}} \\to \\mathbb{{R}}` or `E : \\mathbb{{R}}^K \\to \\mathbb{{R}}`",
    "D131": "`\\iff` and `\\implies` stand between propositions",
    "D132": "arg min and arg max can only equal another arg min or arg max",
    "D133": "it is not said which variable ∝ is about; write `\\propto_w`",
    "D134": "an optimisation runs over one declared name",
    "D135": "this condition cannot be put on `{name}`",
    "D137": "an argument in a definition is a plain name, no entry and no member of a family: `{latex}(x) := …` with `x` declared, or a value for every index, `{latex}_i := …`",
    "D138": "a power cannot be defined: define `{latex}` itself, or give the power a name of its own",
    "D139": "`{command}` has no meaning in this format; write `{instead}`",
    "D136": "there are more than {limit} names here; start a heading",
    # names
    "D140": "`{name}` is not declared; declare it, e.g. `${latex} \\in {set}$`",
    "D141": "`{name}` is not declared as a function; define it, e.g. `${latex}(z) := …$`",
    "D142": "the parenthesised superscript of `{name}` is a label, never a power, and no `{name}` is declared",
    "D143": "`{name}` is written in several styles; it is not clear which one is meant",
    "D144": "`{name}` is a function; write its argument",
    "D145": "`{name}` takes {count} argument(s), not {found}",
    "D146": "`{name}` is not declared; if `{label}` is a label and no power, it stands in brackets: `{latex}^{{({label})}}`",
    "D147": "`d` is declared as a name; write the derivative with `\\partial` or `\\mathrm{{d}}`",
    "D148": "`{name}` is declared as a variable, so it is not a size",
    "D149": "`{name}({argument})`: `{name}` is not a function of `{argument}`; define it as `{latex}({argument}) := …`",
    "D150": "`T` is declared, so `^T` is not a transpose here; write `^\\top`",
    "D151": "no distribution was declared for `{name}`; declare it, e.g. `${latex} \\sim \\mathcal{{N}}(\\mu, \\sigma^2)$`",
    "D152": "`I` is a size here; write the identity with its size, `I_N`",
    "D153": "a prime needs a function of one real argument; a gradient is written `\\nabla_w E(w)`",
    "D154": "`{name}` has no meaning here: its definition in line {line} cannot be read",
    "D155": "`{name}` is an array of this document, so it is not the number here; give one of the two another letter",
    "D156": "`{name}` is not defined; write `{example}`",
    # indices
    "D160": "arithmetic on an index is not possible; give the entry a name of its own",
    "D161": "`{name}_{index}` of a matrix: which axis? A label is written `{latex}^{{({index})}}`, an entry with two indices: `{latex}_{{1,2}}`",
    "D162": "`{name}` is a scalar and has no entries",
    "D163": "{found} index(es) on an array of shape {shape}, which takes one for each axis",
    "D164": "the range of the index `{index}` is not known; give it, e.g. `\\sum_{{{index}=1}}^{{N}}`",
    "D165": "the index `{index}` is used as a number",
    "D166": "the index `{index}` is free on the right of this definition but not on its left",
    "D167": "a range starts at a positive integer and ends at a size; indices start at 1",
    "D168": "the entry {index} is beyond the axis, whose size is {size}",
    "D169": "`{label}` is not an index of the family `{name}`",
    "D170": "the index `{index}` occurs twice on the left of this definition",
    "D171": "`{index}` is a size, not an index",
    "D172": "this is not an index: a letter or a positive integer is one",
    "D173": "`{name}_{index}` is declared for every value of that index, which is free here; one matrix of its own is written `{latex}^{{({index})}}`",
    "D174": "this `{index}` is outside the sum over `{index}`, which ends at the first + or - that no bracket encloses; put the sum's body in brackets",
    "D175": "the index `{index}` does not occur in what is assumed beside this condition, so it says nothing of it",
    "D176": "`\\sum_{{{index} \\neq {other}}}` sums over `{index}` alone; `{other}` needs a sum of its own, or stands on the left",
    # operations
    "D180": "`{function}` takes {count} argument(s)",
    "D181": "a derivative is taken by a declared or defined name, or by an entry of one",
    "D182": "this derivative cannot be read (orders 1 and 2 can); write `\\frac{{\\partial L}}{{\\partial w}}` or `\\nabla_w L`",
    "D183": "the norm of a matrix needs its name: `\\|A\\|_F`",
    "D184": "this norm has no meaning in this format; `\\|v\\|` and `\\|A\\|_F` have",
    "D185": "`|…|` takes a scalar; write `\\det` or `\\|…\\|`",
    "D186": "a vector has no powers; write `\\|v\\|^2` or `v \\odot v`",
    "D187": "a matrix has the powers -1 and 1 … {limit} only",
    "D188": "the cases must be told apart by indices, and together cover everything; where a value decides, write `\\max(0, z)` or `|z|`",
    "D189": "a function's power is ambiguous; put brackets around the application, e.g. `(f(a))^2`",
    "D190": "the shape of this zero is not known; write `\\mathbf{{0}}_N`",
    "D191": "the size of the identity is not known; write `I_N`",
    "D192": "a vector of ones needs its size: `\\mathbf{{1}}_N`",
    "D193": "the parameters of a distribution must be scalars",
    "D194": "only square roots have a meaning here; another root is a power: `a^{{1/3}}`",
    "D195": "a subscript has no meaning here",
    "D196": "a superscript has no meaning here; a label is written `W^{{(1)}}`",
    # shapes
    "D301": "shapes do not fit: {operation} of {left} and {right}",
    "D302": "the two sides have different shapes, {left} and {right}",
    "D303": "a scalar added to a square matrix of shape {shape}; multiply it by the identity",
    "D304": "only a number or a scalar name can be added to every entry of an array of shape {shape}; multiply another scalar by ones, `\\mathbf{{1}}_N`",
    "D305": "{operation} needs a scalar, not an array of shape {shape}",
    "D306": "{operation} needs a square matrix, not shape {shape}",
    "D307": "{operation} needs a vector, not shape {shape}",
    "D308": "the index `{index}` runs to {left} here and to {right} there",
    "D309": "the derivative of shape {left} by shape {right} has more than two axes; write it with indices",
    "D310": "`{name}` is declared with shape {left} but defined with shape {right}",
    "D311": "`{name}` takes an argument of shape {left}, not {right}",
    "D312": "these shapes do not fit: {shapes}",
}  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """A code, its parameters and its place: offsets [start, end) into the text that was read."""

    code: str
    params: dict[str, str] = field(default_factory=dict)
    start: int = 0
    end: int = 0

    @property
    def text(self) -> str:
        return TEMPLATES[self.code].format(**self.params)


class ReadError(Exception):
    """A formula that cannot be read; always carries a `Problem` with offsets into that formula."""

    def __init__(self, code: str, start: int, end: int, **params: object) -> None:
        self.problem = Problem(code, {k: str(v) for k, v in params.items()}, start, end)
        super().__init__(f"{code}: {self.problem.text}")
