"""A decision that takes long: its page tells how far it is and stops it."""

import threading

from django.urls import reverse

from despensa.entrypoints.jobs import cycle as cycle_jobs
from despensa.entrypoints.jobs import worker
from despensa.entrypoints.office.rooms import cycles
from tests.factories import books as factory


def test_a_decision_under_way_is_shown_and_stopped_from_its_page(
    decided_books, signed_in, monkeypatch
):
    books, client = decided_books, signed_in(decided_books, "jorge")
    draft = factory.new_cycle(books, "2026-12")
    url = reverse("office:cycle", args=[draft])
    asked, working, real = threading.Event(), threading.Event(), cycle_jobs.freeze_and_decide

    def slowly(cycle, tools, *, acting, told):
        told("copy", 0, 50)
        told("copy", 20, 50)
        working.set()
        asked.wait(10)
        return real(cycle, tools, acting=acting, told=told)

    monkeypatch.setattr(cycle_jobs, "freeze_and_decide", slowly)
    monkeypatch.setattr(cycles, "WAIT_SECONDS", 0.1)
    helper = worker.start(books.tools)
    try:
        client.post(url, {"step": "decide"})
        assert working.wait(10)
        under_way = client.get(url)
        client.post(url, {"step": "stop"})
        asked.set()
        assert helper.task(draft).done.wait(10)
    finally:
        asked.set()
        worker.stop()
    stopped = client.get(url).context["page"]

    job = under_way.context["page"].job
    assert (str(job.word), job.done, job.total) == ("Copying the facts", 20, 50)
    panel = under_way.content.decode().partition('id="job"')[2].partition("</section>")[0]
    assert 'value="stop"' in panel
    assert "csrfmiddlewaretoken" in panel
    assert stopped.job is None
    assert stopped.next_step.step == "decide"
