"""The registration management system (居民健康卡注册管理系统, P-REG-01): who holds which physical and electronic card.

It is a view of what the platform keeps (accounts, aliases, linked media) and of its audit log, so that it cannot
disagree with them: `holdings` answers look-ups, `changes` feeds the tiers above with numbered deltas (P-IMIS-07).
"""

from reference.registry.feed import Change, Delta, changes
from reference.registry.holdings import ElectronicCard, Holdings, OtherCard, holder_of, holdings

__all__ = ["Change", "Delta", "ElectronicCard", "Holdings", "OtherCard", "changes", "holder_of", "holdings"]
