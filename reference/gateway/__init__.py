"""The gateway of the platform: HTTP in five wire profiles, codecs both ways, health, metrics and the console."""
