"""Whole documents and derivations checked: in this process, or spread over worker processes.

`documents` checks one document here, `schedule` hands the steps of many to `workers`; `derivations` proves
the lecture's.  What a single step is worth, `derive.checker` decides.
"""
