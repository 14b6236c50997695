"""The public pages and their addresses."""

from django.urls import path

from despensa.entrypoints.window import checking

app_name = "window"
urlpatterns = [
    path("check/", checking.check, name="check"),
    path("check/worker.js", checking.worker, name="worker"),
    path("check/<slug:language>/", checking.check_in, name="check_in"),
]
