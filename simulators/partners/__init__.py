"""Partners of an electronic card platform, simulated: real names, a bank, keepers of records, care, insurance, drugs.

They behave by simple rules over a population file, so that tests, pilots and load runs need no outside service.
"""

from simulators.partners.bank import SimulatedBank
from simulators.partners.police import Resident, SimulatedPolice, read_population
from simulators.partners.records import SimulatedKeeper
from simulators.partners.three_medicals import SimulatedInsurer, SimulatedOwner, SimulatedPayer

__all__ = [
    "Resident",
    "SimulatedBank",
    "SimulatedInsurer",
    "SimulatedKeeper",
    "SimulatedOwner",
    "SimulatedPayer",
    "SimulatedPolice",
    "read_population",
]
