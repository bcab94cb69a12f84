"""The checker's words in English.  `TEMPLATES` here are those that the reader does not own."""

TEMPLATES = {
    "D119": "this document could not be read within {limit} seconds and {memory} of memory ({detail})",
    "D201": "this line is not equal to the previous line",
    "D202": "this inequality does not hold",
    "D203": "these two statements are not equivalent",
    "D204": "this does not follow from the previous statement",
    "D205": "these two problems have different solutions",
    "D206": "these two are not proportional",
    "D207": "this matrix is not positive semidefinite",
    "D401": "neither proved nor refuted; smaller steps may help",
    "D402": "not decided within {limit} seconds",
    "D403": "not decided within {limit} of memory",
    "D404": "the check of this step broke off ({detail})",
    "D405": "this step is too deep or too large to be checked",
    "D406": "no values were found that satisfy the assumptions, so the step says nothing that could be tested",
    "D407": "not decided: the index `{index}` is free on one side only; use it on both, or speak of the whole array",
    "D408": "one side has a value at none of the values tried: it needs {condition}",
    "D501": "this step needs an assumption: {assumption}",
    "D502": "the assumptions contradict each other; nothing can be proved from them",
    "D901": "internal error: the proof and the numbers disagree ({detail}); please report this document",
}

#: what is said of the two sides where they stand on one line
SAME_LINE = {"D201": "the two sides are not equal"}

#: likely causes by kind (`derive.verdict.Cause`), each a repair that makes the step provable
CAUSES = {
    "relation": "the relation should be {right}",
    "sign": "the sign of {part} is wrong",
    "factor_dropped": "the factor {factor} was dropped",
    "factor_extra": "the factor {factor} is too much",
    "factor_wrong": "the factor {wrong} should be {right}",
    "transpose_dropped": "the transpose of {part} was dropped",
    "transpose_extra": "{part} should not be transposed",
    "order": "the factors {left} and {right} stand in the wrong order",
    "entrywise": "{left} and {right} are multiplied entry by entry (⊙), not as matrices",
    "line_above": "the previous line is wrong; this line follows from the one before it",
    "one_value": "the index {index} is free on one side only, so this is claimed for each value of {index} alone; "
    "it holds if that side is about all of them: write it with whole arrays",
    "index": "the index {wrong} should be {right}",
    "scope": "the product over {index} extends over all that is multiplied after it; put it in brackets",
    "sum_dropped": "the sum over {index} was dropped",
    "sum_extra": "the sum over {index} is too much",
    "term_dropped": "the term {part} was dropped",
    "term_extra": "the term {part} is too much",
    "derivative_dropped": "the factor {part} of the chain rule was dropped",
    "complement": "{wrong} should be {right}",
    "power": "the power of {part} should be {right}",
    "replaced": "{wrong} should be {right}",
    "assumption": "this holds only if {assumption}; that is not assumed here",
}

#: what a counterexample to a statement about solutions is
NOTES = {
    "left_only": "this makes only the left side true",
    "right_only": "this makes only the right side true",
    "solution_left": "this is a solution of the left problem only; for the right one {variable} = {better} is better",
    "solution_right": "this is a solution of the right problem only; for the left one {variable} = {better} is better",
    "ratio": "left / right is {here} here but {there} at {variable} = {other}: it changes with {variable}",
    "no_factor": "no positive factor leads from one side to the other",
    "direction": "in the direction {direction} the quadratic form is negative",
}

#: what the reader names in its messages
PHRASES = {
    "a product": "a product",
    "an entrywise product": "an entrywise product",
    "a division": "a division",
    "an inverse": "an inverse",
    "a power": "a power",
    "a power of e": "a power of e",
    "an exponent": "an exponent",
    "an optimisation": "an optimisation",
    "a trace": "a trace",
    "a determinant": "a determinant",
    "a maximum": "a maximum",
    "a sum": "a sum",
    "scalar": "scalar",
}

GROUPS = {
    "D10": "The text of the formula cannot be read. Only the notation of the format page has a meaning, and "
    "nothing is guessed; the place shown is where reading stopped.",
    "D11": "The text of the formula cannot be read. Only the notation of the format page has a meaning, and "
    "nothing is guessed; the place shown is where reading stopped.",
    "D12": "The formula was read, but not what it does: define (:=), declare (∈), assume, or claim (=, ≤, ⟺ …).",
    "D13": "The formula was read, but not what it does: define (:=), declare (∈), assume, or claim (=, ≤, ⟺ …).",
    "D14": "Every name must be declared or defined, under this heading or one above it, before it is used.",
    "D15": "Every name must be declared or defined, under this heading or one above it, before it is used.",
    "D16": "Indices start at 1, are letters or positive integers, and run over one axis of an array.",
    "D17": "Indices start at 1, are letters or positive integers, and run over one axis of an array.",
    "D18": "The operation has no meaning for these arguments in this format.",
    "D19": "The operation has no meaning for these arguments in this format.",
    "D20": "The step is false: the counterexample satisfies every declaration and every assumption, both sides "
    "are defined there, and the relation fails. Put the numbers in by hand to see it. A likely cause is shown "
    "only if the step is provable once that one thing is repaired.",
    "D30": "Vectors are columns. A sum needs two arrays of one shape; a product of (n, m) and (m, k) has shape "
    "(n, k). A symbol such as N fits only itself, whatever number it may be.",
    "D31": "Vectors are columns. A sum needs two arrays of one shape; a product of (n, m) and (m, k) has shape "
    "(n, k). A symbol such as N fits only itself, whatever number it may be.",
    "D40": "The step may be true: no proof was found, and no counterexample either. Agreement at many points is "
    "not a proof. Smaller steps, or a definition for a part that repeats, often help.",
    "D50": "A proof holds for every value that the declarations and assumptions allow. Write the missing "
    "condition as a declaration (σ > 0) or in a paragraph that begins with “Assume”, or remove the one that "
    "contradicts the others.",
    "D90": "Each proof is checked again by evaluating both sides at random points with a program that shares "
    "nothing with the prover. Here the two disagree, so neither is believed.",
}

WORDS = {
    "error": "error",
    "warning": "warning",
    "derivation": "derivation",
    "step": "step",
    "slide": "slide",
    "previous_line": "previous line",
    "this_line": "this line",
    "left": "left side",
    "right": "right side",
    "shape": "shape {shape}",
    "counterexample": "counterexample",
    "at": "at {place}",
    "entry": "entry {place}",
    "write_instead": "write instead",
    "write": "write before it",
    "assume": "Assume that ${latex}$.",
    "same_error": "also in {steps}",
    "not_closed": "{file}:{line}: the `{open}` here opens no formula, as it is never closed; check the delimiters of this paragraph",
    "not_delimiter": "{file}:{line}: `\\(` opens no formula in this format; write `$…$`",
    "not_assumed": "{file}:{line}: “{word}” inside a paragraph is prose; only a paragraph that begins with it is an assumption",
    "note": "note",
    "likely_cause": "likely cause",
    "uses": "uses",
    "reason": "stated reason",
    "only_this": "only this step is wrong: the lines after it follow from it",
    "true": "true",
    "false": "false",
    "summary": "{steps}: {proved} proved, {refuted} refuted, {unknown} undecided, {error} in error ({seconds} s)",
    "one_step": "1 step",
    "many_steps": "{total} steps",
    "no_step": "no step found; a step is a display such as $$ a = b $$",
    "instead": "instead:",
    "example": "example:",
    "declared": "where the declarations are:",
    "unknown_code": "there is no code {code}; codes: {codes}",
    "expected": "expected {wanted}, but the step is {verdict}",
    "proved": "proved",
    "refuted": "refuted",
    "unknown": "undecided",
    "cannot_read_file": "cannot read {file}: {why}",
    "cannot_write_file": "cannot write {file}: {why}",
    "no_file": "there is no such file",
    "too_large": "it is larger than {limit}",
    "directory": "it is a directory",
    "not_utf8": "it is not UTF-8 text (byte {offset})",
    "nul": "it holds a NUL byte (byte {offset})",
    "denied": "permission denied",
    "errata_summary": "{confirmed} of {total} errata confirmed: the printed formula fails, the correction is proved",
    "no_derivation": "there is no derivation {name}; `derive list` names them",
    "checking": "checking",
    "gradient_title": "The gradient of {scalar} by {variable}",
    "hessian_title": "The Hessian of {scalar} by {variable}",
    "hessian_product": "The Hessian of {scalar} by {variable} times {direction}: the gradient of "
    "{form} = ⟨{direction}, ∂{scalar}/∂{variable}⟩",
    "cannot_read": "cannot read: {why}",
    "where": "where",
    "steps": "steps",
    "kinks": "where {conditions}, entry by entry; at a kink of {scalar} it has no value",
    "proved_always": "proved for all sizes and values",
    "wrote": "wrote {file}",
}
