"""
The stage door: who is on stage in a demonstration, with their codes, and one step to sign in.

It opens for the token that the terminal printed, from this machine, while the demonstration runs;
at any other time it is no page at all.
"""

from django.contrib.auth import login
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from despensa.entrypoints.office.access import ANYONE, door
from despensa.entrypoints.office.demonstration import demonstration
from despensa.entrypoints.office.words import ROLES
from despensa.entrypoints.second_factor import current_code
from despensa.records.databases import REGISTRY

_THIS_MACHINE = frozenset({"127.0.0.1", "::1"})
_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@door(ANYONE)
@never_cache
def stage_door(request: HttpRequest, token: str) -> HttpResponse:
    """Show the invented staff; a POST signs in as one of them."""
    if not demonstration.lets_in(token) or request.META.get("REMOTE_ADDR") not in _THIS_MACHINE:
        raise Http404
    if request.method == "POST":
        chosen = request.POST.get("username", "")
        if chosen not in {actor.username for actor in demonstration.actors}:
            raise Http404
        user = User.objects.using(REGISTRY).get(username=chosen)
        login(request, user, backend=_BACKEND)
        return redirect("office:today")
    actors = [
        (actor, ROLES[actor.role], current_code(actor.totp_secret))
        for actor in demonstration.actors
    ]
    return render(request, "office/stage_door.html", {"actors": actors})
