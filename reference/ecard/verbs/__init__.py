"""The core verbs of the electronic health card platform: what may be asked of it, and what it answers.

Every wire profile is a codec between its own messages and these; simulated clients, suites and the load tool speak
them through the codecs. Field widths and return codes belong to the profiles; the verbs themselves follow the
cross-profile map (Qinghai QWB 002, Sichuan X.M.0.1, Guangdong api/do, Wenzhou trade codes, Tencent open platform).

Dates are ``YYYYMMDD``, moments milliseconds since 1970 UTC, codes the values of `codes.csv`.
"""

from __future__ import annotations

from reference.ecard.verbs.access import (
    AddInstitution,
    Institution,
    QueryInstitution,
    ServerTime,
    Time,
    UpdateInstitution,
)
from reference.ecard.verbs.accounts import (
    AccountWithCodes,
    Application,
    Applications,
    Audit,
    Batch,
    BatchRow,
    Cancel,
    Claim,
    Count,
    CountCards,
    PendingAudits,
    Prefabricate,
    Query,
    QueryBatch,
    Register,
    RepairRow,
    Restore,
    Suspend,
    Update,
)
from reference.ecard.verbs.codes import (
    ApplyCode,
    Print,
    PrintCode,
    Reported,
    ReportedUse,
    ReportUses,
    RevokeCode,
    SetColour,
    Verified,
    Verify,
)
from reference.ecard.verbs.fusion import (
    AskAgain,
    Entry,
    EntryPart,
    FinishSettlement,
    Flow,
    JoinedNumber,
    JoinFlow,
    Movement,
    OpenEntry,
    PartName,
    QueryEntry,
    Settle,
    Settlement,
    Share,
)
from reference.ecard.verbs.links import (
    ApplyTemporary,
    BankCard,
    BankCards,
    BindBankCard,
    BindMember,
    BindTemporary,
    FindByMedium,
    FindNewborn,
    LinkMedium,
    ListMembers,
    Media,
    Medium,
    Member,
    Members,
    Temporary,
    UnbindBankCard,
    UnbindMember,
    UnlinkMedium,
    VerifyTemporary,
)
from reference.ecard.verbs.people import (
    Account,
    Caller,
    Child,
    Code,
    CodeKind,
    Done,
    Hex64,
    Person,
    Proof,
    Record,
    Who,
)
from reference.ecard.verbs.records import (
    Accesses,
    Authorisation,
    GatherRecords,
    GrantAccess,
    ListAccess,
    OpenedRecord,
    Opening,
    OpenRecord,
    RecordEntry,
    RecordFound,
    Records,
    RegisterRecords,
    RevokeAccess,
    WithdrawRecord,
)

Verb = (
    Register
    | Query
    | Update
    | Cancel
    | Suspend
    | Restore
    | Audit
    | PendingAudits
    | Prefabricate
    | RepairRow
    | QueryBatch
    | Claim
    | BindMember
    | UnbindMember
    | ListMembers
    | FindNewborn
    | ApplyTemporary
    | VerifyTemporary
    | BindTemporary
    | BindBankCard
    | UnbindBankCard
    | LinkMedium
    | UnlinkMedium
    | FindByMedium
    | CountCards
    | ApplyCode
    | Verify
    | PrintCode
    | RevokeCode
    | SetColour
    | ReportUses
    | AddInstitution
    | UpdateInstitution
    | QueryInstitution
    | ServerTime
    | GrantAccess
    | RevokeAccess
    | ListAccess
    | RegisterRecords
    | WithdrawRecord
    | GatherRecords
    | OpenRecord
    | OpenEntry
    | AskAgain
    | QueryEntry
    | JoinFlow
    | Settle
    | FinishSettlement
)
"""Everything that may be asked of the platform."""

Answer = (
    Account
    | AccountWithCodes
    | Applications
    | Batch
    | Members
    | Temporary
    | BankCards
    | Media
    | Count
    | Done
    | Code
    | Verified
    | Print
    | Reported
    | Institution
    | Time
    | Authorisation
    | Accesses
    | Records
    | OpenedRecord
    | Entry
    | Settlement
)
"""Everything that it answers, unless it refuses (`reference.ecard.refusals.Refusal`)."""

__all__ = [
    "Accesses",
    "Account",
    "AccountWithCodes",
    "AddInstitution",
    "Answer",
    "Application",
    "Applications",
    "ApplyCode",
    "ApplyTemporary",
    "AskAgain",
    "Audit",
    "Authorisation",
    "BankCard",
    "BankCards",
    "Batch",
    "BatchRow",
    "BindBankCard",
    "BindMember",
    "BindTemporary",
    "Caller",
    "Cancel",
    "Child",
    "Claim",
    "Code",
    "CodeKind",
    "Count",
    "CountCards",
    "Done",
    "Entry",
    "EntryPart",
    "FindByMedium",
    "FindNewborn",
    "FinishSettlement",
    "Flow",
    "GatherRecords",
    "GrantAccess",
    "Hex64",
    "Institution",
    "JoinFlow",
    "JoinedNumber",
    "LinkMedium",
    "ListAccess",
    "ListMembers",
    "Media",
    "Medium",
    "Member",
    "Members",
    "Movement",
    "OpenEntry",
    "OpenRecord",
    "OpenedRecord",
    "Opening",
    "PartName",
    "PendingAudits",
    "Person",
    "Prefabricate",
    "Print",
    "PrintCode",
    "Proof",
    "Query",
    "QueryBatch",
    "QueryEntry",
    "QueryInstitution",
    "Record",
    "RecordEntry",
    "RecordFound",
    "Records",
    "Register",
    "RegisterRecords",
    "RepairRow",
    "ReportUses",
    "Reported",
    "ReportedUse",
    "Restore",
    "RevokeAccess",
    "RevokeCode",
    "ServerTime",
    "SetColour",
    "Settle",
    "Settlement",
    "Share",
    "Suspend",
    "Temporary",
    "Time",
    "UnbindBankCard",
    "UnbindMember",
    "UnlinkMedium",
    "Update",
    "UpdateInstitution",
    "Verb",
    "Verified",
    "Verify",
    "VerifyTemporary",
    "Who",
    "WithdrawRecord",
]
