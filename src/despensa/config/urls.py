"""Where requests enter: the rooms of the office and the sign-in pages."""

urlpatterns: list = []
