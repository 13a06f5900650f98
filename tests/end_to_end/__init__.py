"""From a card in a reader to a verified package."""
