"""The commands that judge, as a user calls them, mistakes included."""
