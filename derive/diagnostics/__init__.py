"""How a report is shown: source excerpts, counterexamples, annotations, notebooks."""
