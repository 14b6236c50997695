"""Where requests enter: the API, the public pages, the rooms of the office and the sign-in pages."""

from django.urls import include, path

urlpatterns = [
    path("", include("despensa.entrypoints.api.urls")),
    path("", include("despensa.entrypoints.window.urls")),
    path("", include("despensa.entrypoints.field.urls")),
    path("", include("despensa.entrypoints.office.urls")),
    path("account/", include("allauth.urls")),
    path("", include("django.conf.urls.i18n")),
]
