"""A homework document: Markdown → claims in contexts."""
