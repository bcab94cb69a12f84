"""Small edits of terms: what a slip of the pen does, and what undoes it.

    edits     the table of edits: a term → the terms one slip away, each with its kind and place
    claims    the same for whole propositions
    causes    the edit of a refuted step that makes it provable: its likely cause
"""
