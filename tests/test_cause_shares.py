"""Proved steps of the documents with a slip of the catalogue: how often its cause is named, and fixed.

A share of the steps runs here; `DERIVE_MUTANTS=all` runs every one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice

from mutants import ALL
from slips import SLIPS, TURNED, corrected, slips, span
from test_document_mutations import proved

from derive.checking.documents import judged
from derive.homework.document import Claim, read_document
from derive.report import StepReport

#: every so many-th step, with so many slips of each kind
EVERY, SLIPS_EACH = (1, 2) if ALL else (25, 1)


def again(text: str, claim: Claim, seconds: float = 10.0) -> StepReport | None:
    """The report on this step in another text of its document; None where it says the same."""
    for found in read_document(text, claim.file).claims:
        if (found.derivation, found.step) == (claim.derivation, claim.step):
            return judged(found, seconds) if found.prop != claim.prop else None
    return None


def wrong(text: str, claim: Claim) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """(kind, kinds of cause that undo it, the document with that slip in this step)."""
    assert claim.left is not None and claim.right is not None
    start, end = span(text, claim.right)
    for kind, (causes, _) in SLIPS.items():
        for side in islice(slips(kind, text[start:end]), SLIPS_EACH):
            yield kind, causes, text[:start] + side + text[end:]
    middle = span(text, claim.left)[1]
    relation = text[middle:start]
    turned = TURNED.get(relation.replace("&", "").strip())
    if turned is not None:
        yield "relation", ("relation",), f"{text[:middle]} {turned} {text[start:]}"


def test_the_cause_of_most_slips_is_named_and_every_fix_is_proved(
    record_property: Callable[[str, object], None],
) -> None:
    refuted: Counter[str] = Counter()
    named: Counter[str] = Counter()
    unproved: list[str] = []
    unwritten = 0
    for text, claim in islice(proved(), 0, None, EVERY):
        for kind, causes, made in wrong(text, claim):
            step = again(made, claim)
            if step is None or step.verdict != "refuted":
                continue
            refuted[kind] += 1
            if step.likely_cause is None:
                continue
            named[kind] += step.likely_cause.kind in causes
            if not step.likely_cause.fix:  # there was no time left to write it
                unwritten += 1
                continue
            fixed = again(corrected(made, step), claim, 60.0)
            if fixed is not None and fixed.verdict != "proved":
                unproved.append(f"{claim.file}: {step.claim}: {step.cause(hints='fix')}")
    shares = ", ".join(f"{kind} {named[kind]}/{count}" for kind, count in sorted(refuted.items()))
    record_property("causes", shares)
    print(f"{refuted.total()} wrong steps, the slip is named for {named.total()}: {shares}")
    assert unproved == []
    assert unwritten < 0.1 * refuted.total()
    assert refuted.total() > 80
    assert named.total() > 0.85 * refuted.total(), shares
