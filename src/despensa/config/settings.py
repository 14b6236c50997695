"""
Django settings. They import without workspace, database or key.

Everything that differs between installations comes from the environment (docs/reference/settings.md)
or from the workspace folder; the command line puts the latter into the former before Django starts.
"""

import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from csp.constants import NONE, SELF

PACKAGE = Path(__file__).resolve().parent.parent


def database(url: str | None) -> dict[str, object]:
    """
    Return Django's form of a PostgreSQL URL, or an alias that refuses every query when absent.

    The host may be a socket folder given as `?host=`.
    """
    if not url:
        return {"ENGINE": "django.db.backends.dummy"}
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", [parts.hostname or ""])[0],
        "PORT": query.get("port", [str(parts.port or "")])[0],
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        # a number at all, or statements that ask to be prepared (records.bulk) silently are not
        "OPTIONS": {"prepare_threshold": 5},
    }


DATABASES = {
    "default": {},
    "registry": database(os.environ.get("DESPENSA_REGISTRY_URL")),
    "ledger": database(os.environ.get("DESPENSA_LEDGER_URL")),
}
DATABASE_ROUTERS = ["despensa.records.databases.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Both databases have a journal, an outbox and stages under the same names; the router keeps them apart.
SILENCED_SYSTEM_CHECKS = ["models.W035"]

# Without a secret no session survives a restart, which is right for a throw-away workspace and
# harmless elsewhere; production sets it.
SECRET_KEY = os.environ.get("DESPENSA_SECRET_KEY") or os.urandom(32).hex()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("DESPENSA_HOSTS", "localhost,127.0.0.1").split(",")
HTTPS = os.environ.get("DESPENSA_HTTPS") == "1"

INSTALLED_APPS = [
    # first, so that its templates take the place of the libraries' own
    "despensa.entrypoints.office",
    "despensa.entrypoints.window",
    "despensa.entrypoints.field",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "despensa.records.journal",
    "despensa.records.payments",
    "despensa.records.staff",
    "despensa.records.proposals",
    "despensa.records.registry",
    "despensa.records.catalogue",
    "despensa.records.cards",
    "despensa.records.programmes",
    "despensa.records.households",
    "despensa.records.corrections",
    "despensa.records.enrolment",
    "despensa.records.partners",
    "despensa.records.payees",
    "despensa.records.releases",
    "despensa.records.duplicates",
    "despensa.records.children",
    "despensa.records.grievances",
    "despensa.records.wallet",
    "despensa.records.ledger_journal",
    "despensa.records.service_points",
    "despensa.records.ledger",
    "despensa.records.redemption",
    "despensa.records.stock",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "despensa.entrypoints.office.access.AccessMiddleware",
]
ROOT_URLCONF = "despensa.config.urls"
WSGI_APPLICATION = "despensa.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "despensa.entrypoints.office.context.chrome",
            ]
        },
    }
]

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "despensa.entrypoints.office.accounts.ClosedAccounts"
MFA_ADAPTER = "despensa.entrypoints.office.accounts.SecondFactors"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
# one step to either side: clocks of cheap phones are not exact
MFA_TOTP_TOLERANCE = 1
MFA_TOTP_ISSUER = "Despensa"
# theirs, and the registry remembers the code: one process does not know what another was told
MFA_FORMS = {
    "authenticate": "despensa.entrypoints.second_factor.SignInForm",
    "reauthenticate": "despensa.entrypoints.second_factor.AgainForm",
}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "office:today"
CACHES = {"default": {"BACKEND": "despensa.entrypoints.office.shared_cache.SharedCache"}}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español"), ("ar", "العربية")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
FORMAT_MODULE_PATH = "despensa.entrypoints.office.formats"
TIME_ZONE = os.environ.get("DESPENSA_TIME_ZONE", "UTC")

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, "'wasm-unsafe-eval'"],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# a register of a million people in our template has about 150 MiB
DESPENSA_UPLOAD_MAX_MIB = int(os.environ.get("DESPENSA_UPLOAD_MAX_MIB", "256"))
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
# the form of a large rule has some thousands: a sentence per clause, answer and language
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
# a register on its way in lies in the workspace's private folder, not in one all users share
FILE_UPLOAD_TEMP_DIR = (
    str(Path(os.environ["DESPENSA_WORKSPACE"]) / "run")
    if os.environ.get("DESPENSA_WORKSPACE")
    else None
)
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"fault": {"()": "despensa.entrypoints.fault_log.FaultFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "fault"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # a shut room or a missing page is an answer, and its address may name a person's record
    # Django's own handlers would mail what broke; the terminal is enough, and tells no values
    "loggers": {"django": {"handlers": []}, "django.request": {"level": "ERROR"}},
}
