"""
How status lists are kept large, and when one is signed anew.

A list has a million places from its first day, drawn at random, at most half of them given to
cards. A hundredth of the places ends by itself over the years, so that the places that end between
two lists do not count cards. A place is never used again.
Source: draft-ietf-oauth-status-list-20, sections 12.5 and 13.2.
"""

from collections.abc import Callable

from despensa.domain.card import status_list

PLACES = 1 << 20
GIVEN_MAX = PLACES // 2
DECOYS = PLACES // 100
DECOY_SECONDS = 5 * 365 * 86_400
BITS = 1
# a copy may be kept for a quarter of an hour; without a network the last one counts for a week
TTL_SECONDS = 900
LIFE_SECONDS = 7 * 86_400
RENEW_SECONDS = 86_400
PATH = "/status/{number}"

Random = Callable[[int], bytes]


def drawn_place(random: Random) -> int:
    """Return a place of a list; each is as likely."""
    return int.from_bytes(random(4)) % PLACES


def drawn_decoys(random: Random, *, now: int) -> dict[int, int]:
    """Return places that end by themselves, each with the second from which on."""
    drawn = random(8 * DECOYS)
    return {
        int.from_bytes(drawn[at : at + 4]) % PLACES: now
        + int.from_bytes(drawn[at + 4 : at + 8]) % DECOY_SECONDS
        for at in range(0, len(drawn), 8)
    }


def is_due(*, issued_at: int | None, told: int, ended: int, now: int) -> bool:
    """Return whether a list is signed anew: never signed, a day old, or more places have ended."""
    return issued_at is None or ended != told or now - issued_at >= RENEW_SECONDS


def packed(ended: list[int]) -> bytes:
    """Return the compressed list in which these places are worth nothing."""
    listed = status_list.pack(
        PLACES, dict.fromkeys(ended, int(status_list.Status.INVALID)), bits=BITS
    )
    return status_list.compress(listed)


def terms(address: str, *, now: int) -> status_list.Terms:
    """Return what a list signed now says about itself."""
    return status_list.Terms(address, now, now + LIFE_SECONDS, TTL_SECONDS)
