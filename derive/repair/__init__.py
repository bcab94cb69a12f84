"""Small edits of terms: what a slip of the pen does, and what undoes it.

    edits       the table of edits: a term → the terms one slip away, each with its kind and place
    vocabulary  what an edit may put in: terms and factors that lines, definitions and names suggest
    claims      the same for whole propositions
    solve       factors and terms that a line lacks, read off the numbers
    causes      the edit of a refuted step that makes it provable: its likely cause
    shapes      the same, in the text, for sides whose shapes do not fit
    written     the repaired side as its author would write it
"""
