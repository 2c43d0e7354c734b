"""The visual designer: a second editor of the definitions that are also kept as YAML."""
