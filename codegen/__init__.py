"""From theorems to NumPy: theorem → typed program → passes → source."""
