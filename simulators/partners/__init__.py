"""Partners of an electronic card platform, simulated: the police and its like for real names, a bank.

They behave by simple rules over a population file, so that tests, pilots and load runs need no outside service.
"""

from simulators.partners.bank import SimulatedBank
from simulators.partners.police import Resident, SimulatedPolice, read_population

__all__ = ["Resident", "SimulatedBank", "SimulatedPolice", "read_population"]
