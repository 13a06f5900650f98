"""The front door: composes the rooms' command-line modules into the one ``healthcard`` command."""

__version__ = "0.1.0"
