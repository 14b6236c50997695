"""Renders every page of the office with invented contents, serves them, takes their pictures.

    python -m tests.entrypoints.office.preview render FOLDER     one HTML file per page and language
    python -m tests.entrypoints.office.preview serve FOLDER      the same, then serves it on 8765
    python -m tests.entrypoints.office.preview shots FOLDER [NAME ...]   pictures of the pages

Runs in a process of its own with settings of its own: no database, no views. A variable that a
template asks for and does not get appears in the page as `MISSING(...)`.
"""

import re
import sys
import tempfile
import threading
from pathlib import Path

import django
from django.conf import settings
from django.http import HttpResponse
from django.urls import include, path

from despensa.entrypoints.office import apps
from tests.entrypoints.office.preview_server import start_server, take_pictures

LANGUAGES = ("en", "es", "ar")
PORT = 8765
LOCALE = Path(apps.__file__).resolve().parents[2] / "locale"


APPEALS = {
    "appeal_new": "households/<uuid:household_id>/decisions/<uuid:cycle_id>/appeal/",
    "appeals": "appeals/",
    "appeal": "appeals/<uuid:appeal_id>/",
    "appeal_answer": "appeals/<uuid:appeal_id>/answer/",
    "appeal_prepare": "appeals/<uuid:appeal_id>/prepare/",
    "appeal_paper": "appeals/<uuid:appeal_id>/papers/<slug:which>/",
}

WALLET = {
    "wallet": "households/<uuid:household_id>/wallet/",
    "wallet_offer": "households/<uuid:household_id>/wallet/offers/<uuid:offer_id>/",
    "wallet_end": "households/<uuid:household_id>/wallet/cards/<uuid:card_id>/end/",
}


PHONES = {
    "phones": "phones/",
    "phone_offer": "phones/offer/",
    "phone_pin": "phones/pin/",
    "phone_reports": "phones/reports/",
    "phone_offered": "phones/offers/<slug:digest>/",
    "phone": "phones/<uuid:phone_id>/",
    "phone_prepare": "phones/<uuid:phone_id>/prepare/",
    "phone_break": "phones/<uuid:phone_id>/lists/<uuid:lease_id>/break/",
    "phone_revoke": "phones/<uuid:phone_id>/revoke/",
}

STOCK = {
    "cases": "cases/",
    "case_judge": "cases/<uuid:subject>/judge/",
    "stock": "stock/",
    "stock_point": "stock/<str:code>/",
    "stock_write": "stock/<str:code>/write/<slug:kind>/",
    "stock_reverse": "stock/<str:code>/entries/<uuid:entry_id>/reverse/",
}

CARDS = {
    "card_handover": "cards/hand-over/",
    "card_order": "cards/order/",
    "identity_order": "cards/identity/order/",
    "identity_sheet": "cards/identity/<uuid:batch_id>/sheet/",
    "identity_count": "cards/identity/<uuid:batch_id>/count/",
    "identity_ask": "households/<uuid:household_id>/wallet/paper/",
    "card_replace": "households/<uuid:household_id>/cards/<str:number>/replace/",
    "card_slips": "households/<uuid:household_id>/slips/<str:number>/<str:new>/",
    "card_list": "cards/<uuid:batch_id>/list/",
    "card_count": "cards/<uuid:batch_id>/count/",
    "card_shop": "cards/<uuid:batch_id>/shop/",
    "card_package": "cards/<uuid:batch_id>/package/",
    "card_return": "cards/<uuid:batch_id>/return/",
}


def _nothing(request, **_: object) -> HttpResponse:
    return HttpResponse()


def _office_urls():
    names = {
        "today": "",
        "households": "households/",
        "household": "households/<uuid:household_id>/",
        "household_history": "households/<uuid:household_id>/history/",
        "household_timeline": "households/<uuid:household_id>/timeline/",
        "correction_new": "households/<uuid:household_id>/people/<uuid:person_id>/correct/",
        "corrections": "corrections/",
        "correction": "corrections/<uuid:correction_id>/",
        "correction_refuse": "corrections/<uuid:correction_id>/refuse/",
        "correction_undo": "corrections/<uuid:correction_id>/undo/",
        "correction_receipt": "corrections/<uuid:correction_id>/receipts/<slug:which>/",
        "household_change": "households/<uuid:household_id>/change/<slug:name>/",
        "household_undo": "households/<uuid:household_id>/undo/<uuid:change_id>/",
        "household_erase": "households/<uuid:household_id>/erase/",
        "erasure_receipt": "proposals/<uuid:proposal_id>/receipt/",
        "partners": "partners/",
        "partner_new": "partners/new/",
        "consents": "households/<uuid:household_id>/consents/",
        "consent_receipt": "households/<uuid:household_id>/consents/<uuid:consent_id>/receipt/",
        "releases": "releases/",
        "package_new": "releases/package/",
        "report_new": "releases/report/",
        "cycles": "cycles/",
        "cycle": "cycles/<uuid:cycle_id>/",
        "cycle_differences": "cycles/<uuid:cycle_id>/differences/",
        "rules": "rules/",
        "rule_compare": "rules/<uuid:programme_id>/compare/",
        "rule_file": "rules/<uuid:programme_id>/<int:version>/file/",
        "rule_write": "rules/<uuid:programme_id>/write/",
        "rule_count": "rules/<uuid:programme_id>/count/",
        "rule_review": "rules/<uuid:programme_id>/review/",
        "imports": "imports/",
        "import_new": "imports/new/",
        "import_columns": "imports/columns/",
        "import_detail": "imports/<uuid:import_id>/",
        "import_pair": "imports/<uuid:import_id>/pairs/<int:place>/",
        "import_undo": "imports/<uuid:import_id>/undo/",
        "proposals": "proposals/",
        "proposal": "proposals/<uuid:proposal_id>/",
        "proposal_approve": "proposals/<uuid:proposal_id>/approve/",
        "proposal_refuse": "proposals/<uuid:proposal_id>/refuse/",
        "desk": "desk/",
        "desk_enrol": "desk/enrol/",
        "desk_enrolled": "desk/enrolled/<uuid:household_id>/",
        "desk_appoint": "desk/appoint/",
        "desk_refuse": "desk/refuse/",
        "card_spoilt": "desk/spoilt/",
        "desk_paper": "desk/papers/<uuid:answer_id>/",
        "desk_office": "desk/offices/new/",
        "desk_introducers": "desk/introducers/",
        "desk_collectors": "desk/collectors/",
        "cards": "cards/",
        "ledger": "ledger/",
        "log": "log/",
        "catalogue": "log/catalogue/",
        "catalogue_file": "log/catalogue/file/",
        "catalogue_new": "log/catalogue/new/",
        "duplicates": "duplicates/",
        "duplicate_next": "duplicates/next/",
        "duplicates_run": "duplicates/run/",
        "duplicate_pair": "duplicates/<uuid:pair_id>/",
        "duplicate_same": "duplicates/<uuid:pair_id>/same/",
    }
    every = names | APPEALS | CARDS | PHONES | STOCK | WALLET
    return [path(route, _nothing, name=name) for name, route in every.items()]


def set_up(locale_folder: Path) -> None:
    settings.configure(
        SECRET_KEY="preview",
        USE_TZ=False,
        USE_I18N=True,
        USE_THOUSAND_SEPARATOR=True,
        FORMAT_MODULE_PATH="despensa.entrypoints.office.formats",
        LANGUAGES=[("en", "English"), ("es", "Spanish"), ("ar", "Arabic")],
        LOCALE_PATHS=[locale_folder],
        ROOT_URLCONF=__name__,
        STATIC_URL="/static/",
        FORM_RENDERER="django.forms.renderers.DjangoTemplates",
        MFA_SUPPORTED_TYPES=["totp", "webauthn", "recovery_codes"],
        MFA_PASSKEY_LOGIN_ENABLED=True,
        INSTALLED_APPS=[
            "despensa.entrypoints.office",
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "django.contrib.messages",
            "django.contrib.staticfiles",
            "django_htmx",
            "allauth",
            "allauth.account",
            "allauth.mfa",
        ],
        MIDDLEWARE=["allauth.account.middleware.AccountMiddleware"],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": ["django.template.context_processors.request"],
                    "string_if_invalid": "MISSING(%s)",
                },
            }
        ],
    )
    django.setup()
    globals()["urlpatterns"] = [
        path("", include((_office_urls(), "office"))),
        path("i18n/", include("django.conf.urls.i18n")),
        path("account/", include("allauth.urls")),
    ]


def _plain_pages(request) -> dict[str, tuple[str, dict[str, object]]]:
    from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
    from allauth.mfa.base.forms import AuthenticateForm
    from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm
    from django.contrib.auth.models import AnonymousUser
    from django.forms import Form
    from django.utils.safestring import mark_safe

    class _TotpForm(AuthenticateForm):
        secret = "JBSWY3DPEHPK3PXP"

        def __init__(self):
            super().__init__(user=nobody)

    nobody = AnonymousUser()
    refused = LoginForm(data={}, request=request)
    refused.full_clean()
    redirect = {"redirect_field": mark_safe('<input type="hidden" name="next" value="/log/">')}
    mfa = {
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "is_mfa_enabled": True,
        "authenticators": {"totp": True, "webauthn": [], "recovery_codes": None},
    }
    code = {
        "form": AuthenticateForm(user=nobody),
        "webauthn_form": AuthenticateWebAuthnForm(user=nobody),
        "js_data": {},
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn"],
    }
    return {
        "sign_in": (
            "account/login.html",
            {"form": LoginForm(request=request), "PASSKEY_LOGIN_ENABLED": True, **redirect},
        ),
        "sign_in_error": ("account/login.html", {"form": refused, **redirect}),
        "sign_out": ("account/logout.html", redirect),
        "password_change": (
            "account/password_change.html",
            {"form": ChangePasswordForm(user=nobody)},
        ),
        "reauthenticate": (
            "account/reauthenticate.html",
            {"form": ReauthenticateForm(user=nobody), **redirect},
        ),
        "mfa_reauthenticate": ("mfa/reauthenticate.html", {**code, **redirect}),
        "mfa_authenticate": ("mfa/authenticate.html", code),
        "mfa_index": ("mfa/index.html", mfa),
        "recovery_codes": (
            "mfa/recovery_codes/generate.html",
            {"form": Form(), "unused_code_count": 3},
        ),
        "totp_activate": (
            "mfa/totp/activate_form.html",
            {"form": _TotpForm(), "totp_svg_data_uri": "data:image/svg+xml;base64,PHN2Zy8+"},
        ),
        "stage_door": ("office/stage_door.html", {"actors": _actors()}),
        "403": ("403.html", {}),
        "404": ("404.html", {}),
        "400": ("400.html", {}),
        "503": ("503.html", {}),
        "403_csrf": ("403_csrf.html", {}),
    }


def _actors():
    from despensa.entrypoints.office.demonstration import Actor
    from despensa.entrypoints.office.words import ROLES

    ana = Actor("ana", "Ana Molina", "registrar", "maize-river-lamp-stone", "JBSWY3DPEHPK3PXP")
    return [(ana, ROLES["registrar"], "123456")]


def render_all() -> dict[tuple[str, str], str]:
    """Return the HTML of every page by (language, name)."""
    from django.template.loader import render_to_string
    from django.test import RequestFactory
    from django.utils import translation

    from tests.entrypoints.office.invented_pages import PAGES, shell

    rendered = {}
    for language in LANGUAGES:
        with translation.override(language):
            request = RequestFactory().get("/")
            for name, (template, room, build) in PAGES.items():
                context = {"page": build(), "shell": shell(room)}
                rendered[language, name] = render_to_string(template, context, request)
            for name, (template, context) in _plain_pages(request).items():
                rendered[language, name] = render_to_string(template, context, request)
            rendered[language, "500"] = render_to_string("500.html")
    return rendered


def _compile_words(folder: Path) -> None:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for source in sorted(LOCALE.glob("*/LC_MESSAGES/django.po")):
        target = folder / source.relative_to(LOCALE).with_suffix(".mo")
        target.parent.mkdir(parents=True)
        with source.open("rb") as read, target.open("wb") as write:
            write_mo(write, read_po(read))


def main(command: str, folder: Path, names: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as words:
        _compile_words(Path(words))
        set_up(Path(words))
        pages = render_all()
    for (language, name), html in pages.items():
        (folder / f"{name}.{language}.html").write_text(html, encoding="utf-8")
    missing = {found for html in pages.values() for found in re.findall(r"MISSING\([^)]*\)", html)}
    print(f"{len(pages)} pages, missing: {sorted(missing)}")
    if command == "shots":
        take_pictures(start_server(folder), folder, names)
    if command == "serve":
        print(f"http://127.0.0.1:{PORT}/en/today")
        start_server(folder, PORT)
        threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
