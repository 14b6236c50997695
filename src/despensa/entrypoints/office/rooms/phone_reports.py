"""What phones wrote, brought by hand: a file, or pictures of the codes on a phone's screen."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import by_hand
from despensa.entrypoints.office import phone_words as words
from despensa.entrypoints.office.access import door

FILES_MAX = 200
BYTES_MAX = 32 << 20


@door(Permission.MANAGE_PHONES)
@require_POST
def phone_reports(request: HttpRequest) -> HttpResponse:
    """Take in what a phone exported; the same file again changes nothing."""
    given = request.FILES.getlist("files")
    if not given or len(given) > FILES_MAX or sum(one.size or 0 for one in given) > BYTES_MAX:
        messages.error(request, words.NO_FILES % {"files": FILES_MAX, "mib": BYTES_MAX >> 20})
        return redirect("office:phones")
    try:
        taken = by_hand.take_in([one.read() for one in given], wiring.tools())
    except by_hand.NoReports:
        messages.error(request, words.NO_REPORTS)
    except by_hand.PartMissing as error:
        messages.error(request, words.PART_MISSING % {"seen": error.seen, "count": error.count})
    else:
        if taken.batches:
            messages.success(request, words.REPORTS_TAKEN % {"count": taken.batches})
        if taken.set_aside:
            messages.warning(request, words.REPORTS_ASIDE % {"count": taken.set_aside})
        if taken.refused or not taken.batches:
            messages.error(request, words.REPORTS_REFUSED % {"count": taken.refused})
    return redirect("office:phones")
