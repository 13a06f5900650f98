"""QR management (二维码管理): selection, application, verification, printing and use records of the codes of a card.

Importing this room makes its services known. Gateways verify through `GroupCommit`; account management asks
`codes_in_force` and calls `kill_codes` where a card ends.
"""

from reference.qr.application import apply_code
from reference.qr.group_commit import GroupCommit
from reference.qr.in_force import codes_in_force, kill_codes
from reference.qr.printing import print_code, revoke_code
from reference.qr.reporting import report_uses, set_colour
from reference.qr.selection import admitted, chosen, scenes
from reference.qr.use_log import BrokenUseLog, check_uses, uses_of_card
from reference.qr.verification import verify, verify_group, verify_within

__all__ = [
    "BrokenUseLog",
    "GroupCommit",
    "admitted",
    "apply_code",
    "check_uses",
    "chosen",
    "codes_in_force",
    "kill_codes",
    "print_code",
    "report_uses",
    "revoke_code",
    "scenes",
    "set_colour",
    "uses_of_card",
    "verify",
    "verify_group",
    "verify_within",
]
