"""
A deterministic simulator of points, phones, network and office; a seed replays every step.

Real: the phone's verdict (`domain.redemption.decide`, `locate`), signed and chained events, their
sealing and batches (`domain.event`), verification and intake (`verify_chain`, `intake`), the merge
(`domain.redemption.merge`), rows, trees and proofs (`domain.transparency`). The set-based merge of
the database is proven equal to the domain's elsewhere (tests/records).

Simulated: disks, clocks, network, cards (found by their tag, their codes are not read), the wrapping
of keys by HPKE, checkpoint signatures, and the office's books, which are maps in memory. Lists are
made with every backup, so that a restored office knows them. Not simulated: take-overs, slips,
paper lists, stock.
"""
