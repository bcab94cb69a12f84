"""Gradients derived from definitions, as chains of statements that the kernel then proves.

    pullback   reverse accumulation: from the derivative by a term to the derivatives by its parts
    notation   index form → matrix notation (`Σₙ Xₙⱼ rₙ` is `Xᵀr`)
    rational   entries as quotients of polynomials in what cannot be taken apart: cancelled, factored
    folding    a definition's own value put back into its derivative (σ′ = σ(1 − σ))
    occurrences   what gets a name in the definitions: repeated parts, kernels
    parts      what has a name or gets one in derivatives: bodies of definitions, softmaxes
    together   what summands share, outside them
    chain      the graph of definitions, one statement per definition, last one first

Nothing here is trusted: every statement is proved by `derive.prover` before anyone sees it.
"""
