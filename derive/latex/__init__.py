"""Reading LaTeX mathematics: tokens → syntax tree → terms and propositions."""
