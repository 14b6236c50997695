"""Which exceptions are a user's matter, and the sentence and exit code each gets."""

NO, WRONG_USE = 1, 2


class Refused(Exception):
    """The answer is no: exit code 1 and one sentence."""


class Mistake(Exception):
    """The command was used in a way that cannot work: exit code 2 and one sentence."""


# class name -> exit code; named by text, so that telling a mistake loads no library
_KNOWN = {
    "WorkspaceError": WRONG_USE,
    "DatabaseProblem": WRONG_USE,
    "RegisterFileError": WRONG_USE,
    "PullError": NO,
    "GazetteerError": WRONG_USE,
    "ColumnMapError": WRONG_USE,
    "PictureError": WRONG_USE,
    "RuleError": WRONG_USE,
    "EngineError": NO,
    "Stopped": NO,
    "FileKnown": NO,
    "NotWaiting": NO,
    "OwnProposal": NO,
    "ApprovalInvalid": NO,
    "AlreadyUsed": NO,
    "SignInTaken": NO,
    "BegunOtherwise": NO,
    "CatalogueError": WRONG_USE,
    "CatalogueRefused": NO,
    "NoCatalogue": NO,
    "FactDestroyed": NO,
    "CycleFaded": NO,
    "CycleClosed": NO,
    "NotYet": NO,
    "StillDisputed": NO,
    "BooksNotThere": NO,
    "NotEmpty": NO,
    "DisputeWindowWrong": WRONG_USE,
    "ProgrammeEnded": NO,
    "ProgrammeGoesOn": NO,
    "RuleKnown": NO,
    "BudgetExceeded": NO,
    "NotCarriedOut": NO,
    "NotConfirmed": NO,
    "AccessRefused": NO,
    "KeyMissing": NO,
    "KeysLocked": NO,
    "StillLocked": NO,
    "LockDamaged": NO,
    "TokenRefused": NO,
    "CopyWrong": NO,
    "CopyFails": NO,
    "AgeRefused": NO,
    "CustodiansWrong": WRONG_USE,
    "KeeperUnavailable": NO,
    "KeeperFailed": NO,
    "KeeperRuns": WRONG_USE,
    "LogUnavailable": NO,
    "LogDamaged": NO,
    "LogRefused": NO,
    "DeviceError": NO,
    "NoSuchDevice": NO,
    "NoSession": NO,
    "NoSuchPoint": NO,
    "NoSuchEntry": NO,
    "StockRefused": NO,
    "BackupError": NO,
    "SheetUnreadable": NO,
    "WrongState": NO,
    "PortsBusy": WRONG_USE,
    "NoSuchHousehold": NO,
    "ChangeRefused": NO,
    "CorrectionRefused": NO,
    "AppealRefused": NO,
    "NeedsReason": NO,
    "UndoRefused": NO,
    "ApprovalNeeded": NO,
    "StagedUnreadable": NO,
    "IssuerKeyError": WRONG_USE,
    "ListError": WRONG_USE,
    "MatchMissing": NO,
    "SearchEnded": NO,
    "NoSuchImportPair": NO,
    "NoSuchPair": NO,
    "MapError": WRONG_USE,
    "LinksDamaged": NO,
    "JournalChanged": NO,
    "SealBroken": NO,
    "JournalDamaged": NO,
    "UnknownDevice": NO,
    "DatabaseAddressError": WRONG_USE,
    "NoSuchCycle": NO,
    "ProgrammeKnown": NO,
    "UnitKnown": NO,
    "UnitUnknown": NO,
    "CycleKnown": NO,
    "CycleDatesWrong": WRONG_USE,
    "BenefitGiven": NO,
    "PurposeTaken": NO,
    "NoRoot": NO,
    "ChildKnown": NO,
    "ClaimMade": NO,
    "ShareUsedUp": NO,
    "ChildOrderWrong": WRONG_USE,
    "LineNameWrong": WRONG_USE,
    "ShareWrong": WRONG_USE,
    "ScheduleWrong": WRONG_USE,
    "OutlineWrong": WRONG_USE,
    "StaffDetailsWrong": WRONG_USE,
    "RolesExclusive": WRONG_USE,
    "AgreementWrong": WRONG_USE,
    "ConsentRefused": NO,
    "NoSuchPartner": NO,
    "PartnerKnown": NO,
    "NoPartnersAlone": NO,
    "PointKnown": NO,
    "SessionHoursWrong": WRONG_USE,
    "DeviceKnown": NO,
    "DeviceNotTrusted": NO,
    "LeaseHeld": NO,
    "AlreadyDecided": NO,
    "ReleaseWrong": WRONG_USE,
    "NoReleasesAlone": NO,
    "NoReportsAlone": NO,
    "NoSuchRelease": NO,
    "FactsGone": NO,
    "PackageDamaged": NO,
    "SheetNotSigned": NO,
    "NotExpected": NO,
    "StagedFileDamaged": NO,
    "PreviewGone": NO,
    "TooLittleAsked": WRONG_USE,
    "OutOfReach": NO,
    "AnswerWrong": WRONG_USE,
    "LimitsWrong": WRONG_USE,
    "IntroducerRefused": NO,
    "CardRefused": NO,
    "Mistake": WRONG_USE,
    "Refused": NO,
}
_DISK_FULL = (27, 28)  # EFBIG, ENOSPC
_NO_SUCH_PLACE = (
    FileNotFoundError, IsADirectoryError, NotADirectoryError, FileExistsError, PermissionError
)  # fmt: skip


def sentence_of(error: BaseException) -> tuple[str, int] | None:
    """Return the sentence and exit code of a known problem, or None for a bug."""
    for kind in type(error).__mro__:
        if kind.__name__ in _KNOWN:
            return str(error), _KNOWN[kind.__name__]
    if isinstance(error, OSError) and error.errno in _DISK_FULL:
        return "The disk is full. Free some space and run the same command again.", NO
    if isinstance(error, _NO_SUCH_PLACE):
        return f"{error.filename or error}: {error.strerror or 'cannot be read'}.", WRONG_USE
    if type(error).__name__ == "OperationalError":
        first = str(error).strip().splitlines()[0] if str(error).strip() else "no answer"
        return f"The database does not answer: {first}. Run: despensa doctor.", NO
    return None
