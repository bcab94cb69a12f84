"""Coverage-guided fuzzing of everything that reads a document, outside the test suite.

    python -m tests.fuzz --minutes 60

`targets` says what is run on a text and what counts as a finding, `mutator` how texts are made from texts,
`driver` runs a target in a process that is watched and started again.  Findings become tests.
"""
