"""The user card's rules as pure functions: commands, tree, access rights, elements, records, violations."""
