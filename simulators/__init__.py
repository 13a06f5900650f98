"""Products made of software: cards, SAMs and readers that give the reference's rules a state."""
