"""How names are written: one Unicode string per name, and its LaTeX and Python spellings.

A name is `base`, then primes, then a subscript that belongs to the name, then a label:

    w   λ   ŷ   ℒ   𝐰   MSE   w′   N_B   w_{ML}   h_θ   W^{(l+1)}   f_{k}^{(2)}

* `base` is one letter, or a word (`MSE` from `\\mathrm{MSE}` or `\\operatorname{MSE}`).  Greek letters
  stand for their commands; `\\mathcal` and (where a plain letter of that name exists as well) bold and
  roman letters are the letters of Unicode's mathematical alphabets; accents are combining marks, NFC.
* a prime that belongs to the name is U+2032; a subscript of one character is written bare.
* `@2` at the end tells a name apart from an outer one (`derive.context`); `#` marks the parameter of
  a function.  Neither can be written in a document, and both vanish in the spellings.

`parts` takes a name apart, so the scheme is reversible.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

#: command → letter; the letters are Unicode's, so that `ϵ` and `ε`, `ϕ` and `φ` stay apart
GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε",
    "zeta": "ζ", "eta": "η", "theta": "θ", "vartheta": "ϑ", "iota": "ι", "kappa": "κ",
    "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "varpi": "ϖ", "rho": "ρ",
    "varrho": "ϱ", "sigma": "σ", "varsigma": "ς", "tau": "τ", "upsilon": "υ", "phi": "ϕ",
    "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ",
    "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ",
    "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω", "ell": "ℓ",
}  # fmt: skip
COMMAND_OF = {letter: command for command, letter in GREEK.items()}

#: accent command → combining mark
ACCENTS = {
    "hat": "\u0302", "widehat": "\u0302", "bar": "\u0304", "overline": "\u0304", "tilde": "\u0303",
    "widetilde": "\u0303", "dot": "\u0307", "ddot": "\u0308", "vec": "\u20d7", "check": "\u030c",
    "breve": "\u0306", "acute": "\u0301", "grave": "\u0300", "underline": "\u0331",
}  # fmt: skip
ACCENT_OF = {mark: command for command, mark in reversed(ACCENTS.items())}

PRIME = "\u2032"
KEYWORDS = {"lambda": "lam"}


def _alphabet(prefix: str) -> dict[str, str]:
    """plain letter → its letter in one of Unicode's mathematical alphabets."""
    found: dict[str, str] = {}
    for code in (*range(0x2100, 0x2140), *range(0x1D400, 0x1D800)):
        letter = chr(code)
        name = unicodedata.name(letter, "")
        if name.startswith(prefix) and len(name.removeprefix(prefix).split()) <= 3:
            plain = unicodedata.normalize("NFKC", letter)
            if len(plain) == 1 and plain != letter and letter != "ℓ":
                found.setdefault(plain, letter)
    return found


def _letters(*prefixes: str) -> dict[str, str]:
    merged: dict[str, str] = {}
    for prefix in prefixes:
        for kind in ("CAPITAL", "SMALL"):
            for plain, letter in _alphabet(f"{prefix} {kind}").items():
                merged.setdefault(plain, letter)
    return merged


#: style → plain letter → styled letter
STYLES = {
    "bold": _letters("MATHEMATICAL BOLD"),
    "roman": _letters("MATHEMATICAL SANS-SERIF"),
    "cal": _letters("SCRIPT", "MATHEMATICAL SCRIPT"),
    "bb": _letters("DOUBLE-STRUCK", "MATHEMATICAL DOUBLE-STRUCK"),
    "frak": _letters("BLACK-LETTER", "MATHEMATICAL FRAKTUR"),
}
_STYLE_COMMAND = {
    "bold": "mathbf", "roman": "mathrm", "cal": "mathcal", "bb": "mathbb", "frak": "mathfrak",
}  # fmt: skip
_STYLED = {letter: (style, plain) for style, table in STYLES.items() for plain, letter in table.items()}


@dataclass(frozen=True)
class NameParts:
    base: str  # plain letter or word
    style: str = ""
    accents: tuple[str, ...] = ()  # accent commands
    primes: int = 0
    subscript: str = ""
    label: str = ""


def styled(letter: str, style: str) -> str:
    return STYLES.get(style, {}).get(letter, letter)


def accented(letter: str, accent: str) -> str:
    return unicodedata.normalize("NFC", letter + ACCENTS[accent])


def compose(base: str, primes: int = 0, subscript: str = "", label: str = "") -> str:
    """The name with these parts; `base` already styled and accented."""
    made = base + PRIME * primes
    if subscript:
        made += f"_{subscript}" if len(subscript) == 1 else f"_{{{subscript}}}"
    return made + (f"^{{({label})}}" if label else "")


_SHAPE = re.compile(
    r"(?P<base>[^_^′]+)(?P<primes>′*)(?:_(?:\{(?P<sub>[^{}]*)\}|(?P<one>.)))?(?:\^\{\((?P<label>.*)\)\})?"
)


def parts(name: str) -> NameParts:
    """Takes a name apart; internal marks (`@2`, `#`) are dropped."""
    plain = name.partition("@")[0].rstrip("#")
    match = _SHAPE.fullmatch(plain)
    if match is None:
        return NameParts(plain)
    letters = unicodedata.normalize("NFD", match["base"])
    accents = tuple(ACCENT_OF[c] for c in letters if c in ACCENT_OF)
    base = unicodedata.normalize("NFC", "".join(c for c in letters if c not in ACCENT_OF))
    style, base = _STYLED.get(base, ("", base))
    return NameParts(
        base,
        style,
        accents,
        len(match["primes"]),
        match["sub"] or match["one"] or "",
        match["label"] or "",
    )


def _latex_letters(text: str) -> str:
    """Letters of a subscript or label in LaTeX."""
    if len(text) > 1 and (text.isalpha() or any(c in " -." for c in text)):
        return f"\\text{{{text}}}"
    return "".join(f"\\{COMMAND_OF[c]} " if c in COMMAND_OF else c for c in text).strip()


def latex_of(name: str) -> str:
    """`ŷ` → `\\hat{y}`, `W^{(l+1)}` → `W^{(l+1)}`, `λ` → `\\lambda`."""
    p = parts(name)
    base = "\\" + COMMAND_OF[p.base] if p.base in COMMAND_OF else p.base
    if len(p.base) > 1:
        base = f"\\operatorname{{{p.base}}}"
    if p.style:
        command = "boldsymbol" if p.style == "bold" and not p.base.isascii() else _STYLE_COMMAND[p.style]
        base = f"\\{command}{{{base}}}"
    for accent in p.accents:
        base = f"\\{accent}{{{base}}}"
    base += "'" * p.primes
    if p.subscript:
        own = _latex_letters(p.subscript)
        base += f"_{{\\mathrm{{{own}}}}}" if len(own) == 1 and own.isalpha() else f"_{{{own}}}"  # no index
    return base + (f"^{{({_latex_letters(p.label)})}}" if p.label else "")


_LABEL_WORDS = {"+": "_plus_", "-": "_minus_", "*": "_star_", "/": "_over_"}


def _identifier(text: str) -> str:
    spelled = []
    for c in text:
        if c in COMMAND_OF:
            spelled.append(COMMAND_OF[c])
        elif c.isascii() and (c.isalnum() or c == "_"):
            spelled.append(c)
        elif c in _LABEL_WORDS:
            spelled.append(_LABEL_WORDS[c])
        elif c.isalpha():
            plain = unicodedata.normalize("NFKD", c).encode("ascii", "ignore").decode()
            spelled.append(plain if plain.isalnum() else f"u{ord(c):x}")
        else:
            spelled.append("_")
    return re.sub(r"__+", "_", "".join(spelled)).strip("_")


def python_of(name: str) -> str:
    """The Python spelling: `λ` → `lam`, `W^{(1)}` → `W_1`, `w′` → `w_prime`, `ŷ` → `y_hat`; bold and
    calligraphic letters are spelled as plain ones.  Two names may share it: see `python_names`."""
    p = parts(name)
    words = [_identifier(p.base) or "v", *p.accents, *["prime"] * p.primes]
    words += [w for w in (_identifier(p.subscript), _identifier(p.label)) if w]
    if len(words) == 1 and words[0] in KEYWORDS:
        return KEYWORDS[words[0]]
    made = "_".join(words)
    if made[0].isdigit():
        made = "_" + made
    return made + "_" if keyword.iskeyword(made) or keyword.issoftkeyword(made) else made


def python_names(names: Iterable[str], reserved: Iterable[str] = ()) -> dict[str, str]:
    """Name → identifier, no two alike and none in `reserved` (modules and helpers of the program).

    The first name keeps the short spelling; a later one that would clash says its style (`w_bold`,
    `L_cal`) or else gets a number.
    """
    taken = set(reserved)
    made: dict[str, str] = {}
    for name in dict.fromkeys(names):
        short = python_of(name)
        style = parts(name).style
        tries = [short] + ([f"{short}_{style}"] if style else [])
        choice = next((t for t in tries if t not in taken), "")
        number = 2
        while not choice:
            if f"{short}_{number}" not in taken:
                choice = f"{short}_{number}"
            number += 1
        taken.add(choice)
        made[name] = choice
    return made
