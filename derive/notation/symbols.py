"""Names and scripts as a reader sees them, on top of the scheme of `derive.names`."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from derive.names import ACCENTS, PRIME, latex_of, parts, styled

_SUPER = dict(
    zip(
        "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδθφχ⊤",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᶿᵠᵡᵀ",
        strict=True,
    )
)
_SUB = dict(
    zip(
        "0123456789+-−=()aehijklmnoprstuvxβγρφχ",
        "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ",
        strict=True,
    )
)


def raised(text: str) -> str | None:
    """The text in superscript characters, or None where Unicode lacks one of them."""
    return _moved(text, _SUPER)


def lowered(text: str) -> str | None:
    """The text in subscript characters, or None where Unicode lacks one of them."""
    return _moved(text, _SUB)


def _moved(text: str, table: dict[str, str]) -> str | None:
    wanted = text.replace(" ", "")
    return "".join(table[c] for c in wanted) if all(c in table for c in wanted) else None


def superscript(text: str) -> str:
    return raised(text) or f"^{text if len(text) == 1 else '{' + text + '}'}"


def subscript(text: str) -> str:
    return lowered(text) or f"_{text if len(text) == 1 else '{' + text + '}'}"


@lru_cache(maxsize=4096)
def unicode_name(name: str, indices: str = "", label: str = "") -> str:
    """`σ`, `W^{(l+1)}` → W⁽ˡ⁺¹⁾, `y@2` → y; with `indices` and a bound `label`: uⱼ⁽ˡ⁾."""
    p = parts(name)
    base = styled(p.base, p.style)
    for accent in p.accents:
        base = unicodedata.normalize("NFC", base + ACCENTS[accent])
    low = ",".join(s for s in (p.subscript, indices) if s) if p.subscript else indices
    high = label or p.label
    return (
        base
        + PRIME * p.primes
        + (subscript(low) if low else "")
        + (superscript(f"({high})") if high else "")
    )


@lru_cache(maxsize=4096)
def latex_name(name: str, indices: str = "", label: str = "", after: str = "") -> str:
    """The LaTeX of a name with indices; `after` joins the label, as in `W^{(l+1)\\top}`."""
    p = parts(name)
    if not (indices or label or after):
        return latex_of(name)
    plain = latex_of(name)
    high = f"({label})" if label else ""
    if p.label:
        plain, _, old = plain.rpartition("^{")
        high = high or old[:-1]
    if indices:
        if p.subscript:  # an index after the name's own one; its label belongs to the name
            plain = f"{{{plain}^{{{high}}}}}" if high else f"{{{plain}}}"
            high = ""
        plain += f"_{indices}" if len(indices) == 1 else f"_{{{indices}}}"
    if after and not high:
        return f"{plain}^{after}"
    return plain + (f"^{{{high}{after}}}" if high else "")


def scripted(name: str) -> bool:
    """Whether a name's superscript is taken, so that a power of it needs brackets."""
    p = parts(name)
    return bool(p.label or p.primes)
