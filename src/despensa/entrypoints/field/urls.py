"""The phone app and its addresses."""

from django.urls import path

from despensa.entrypoints.field import app

app_name = "field"
urlpatterns = [
    path("field/", app.page, name="page"),
    path("field/worker.js", app.worker, name="worker"),
    path("field/app.webmanifest", app.manifest, name="manifest"),
    path("field/<slug:made>/<path:name>", app.file, name="file"),
]
