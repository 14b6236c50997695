"""Journal, leaf queue, outbox, used proposals and stages of the ledger database."""

from despensa.records import bookkeeping


class Journal(bookkeeping.JournalHeader):
    """The ledger's journal header; insert-only."""

    class Meta(bookkeeping.JournalHeader.Meta):
        pass


class JournalContent(bookkeeping.JournalContentRow):
    """The ledger's journal content."""

    class Meta(bookkeeping.JournalContentRow.Meta):
        pass


class LeafQueue(bookkeeping.QueuedLeaf):
    """Leaves of the ledger on their way into the log."""

    class Meta(bookkeeping.QueuedLeaf.Meta):
        pass


class LeafNumber(bookkeeping.NumberedLeaf):
    """Numbers of the ledger's leaves in the log."""

    class Meta(bookkeeping.NumberedLeaf.Meta):
        pass


class Outbox(bookkeeping.OutboxMessage):
    """Effects of the ledger on the other database."""

    class Meta(bookkeeping.OutboxMessage.Meta):
        pass


class OutboxSeen(bookkeeping.SeenMessage):
    """Messages of the other database applied in the ledger."""

    class Meta(bookkeeping.SeenMessage.Meta):
        pass


class UsedProposal(bookkeeping.ProposalUse):
    """Proposals carried out in the ledger."""

    class Meta(bookkeeping.ProposalUse.Meta):
        pass


class Stage(bookkeeping.StageDone):
    """Finished stages of the ledger."""

    class Meta(bookkeeping.StageDone.Meta):
        pass
