"""The norm and the platform: the standard as data, and the rules as pure functions over that data."""
