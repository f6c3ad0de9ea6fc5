"""The one settings file. Everything that differs between installations comes from the environment.

Safe by default: without `DEMO=1` or `DEBUG=1` this is a production start, and a missing secret stops it.
`docs/running.md` lists every variable.
"""

from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF

from cyber360.secrets import secret_file, secret_for

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))

# --- what kind of start this is -------------------------------------------------------------
DEMO = env.bool("DEMO", default=False)
DEBUG = env.bool("DEBUG", default=False)
TESTING = env.bool("TESTING", default=False)
PRODUCTION = not (DEMO or DEBUG or TESTING)

SECRET_KEY = secret_for("SECRET_KEY", env, VAR_DIR, may_create=not PRODUCTION)
# Comma-separated `id:hex` pairs, the current master first. See docs/running.md, "Keys".
VAULT_MASTER_KEYS = secret_for("VAULT_MASTER_KEYS", env, VAR_DIR, may_create=not PRODUCTION)
# When they lie in a file, it may change while we run: then the file counts, and no old master stays in here.
VAULT_MASTER_KEYS_PATH = secret_file("VAULT_MASTER_KEYS", env, VAR_DIR)
if VAULT_MASTER_KEYS_PATH:
    VAULT_MASTER_KEYS = ""
# Where the newest copy of the key table is kept, apart from the database's own backups; "" keeps none.
VAULT_KEYS_COPY = env.str("VAULT_KEYS_COPY", default="")

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["*"])
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL])

# --- parts ----------------------------------------------------------------------------------
INSTALLED_APPS = [
    "cyber360.ui",
    "cyber360.accounts",
    "cyber360.audit",
    "cyber360.jobs",
    "cyber360.notify",
    "cyber360.files",
    "peers",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "guardian",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "django_q",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "cyber360.ui.middleware.SafetyHeaders",
    "csp.middleware.CSPMiddleware",
    "cyber360.ui.middleware.PlainRequests",
    "cyber360.files.middleware.LeastRate",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "cyber360.ui.once.OncePerForm",
    "cyber360.ui.middleware.FailurePages",
    "cyber360.accounts.middleware.SecondFactor",
]

ROOT_URLCONF = "cyber360.urls"
WSGI_APPLICATION = "cyber360.wsgi.application"
FORM_RENDERER = "cyber360.ui.renderer.GovUkRenderer"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "cyber360.ui.context.product",
                "peers.overview.context.capacity",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "cyber360.ui.templatetags.ui",
                "peers.templatetags.peers",
            ],
        },
    },
]

# --- database -------------------------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE: an upgrade from read to write otherwise fails at once with "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;",
    }
    DATABASES["default"].setdefault("TEST", {})["NAME"] = env.str("TEST_SQLITE", default=None)
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=600)
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=600)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- people and sign-in ---------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "cyber360.accounts.passwords.DisguisedPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "overview:home"
ACCOUNT_ADAPTER = "cyber360.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to addresses that have no account
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_FORMS = {
    "login": "cyber360.accounts.allauth_forms.LoginForm",
    "reset_password": "cyber360.accounts.allauth_forms.ResetPasswordForm",
    "reset_password_from_key": "cyber360.accounts.allauth_forms.ResetPasswordKeyForm",
    "change_password": "cyber360.accounts.allauth_forms.ChangePasswordForm",
    "set_password": "cyber360.accounts.allauth_forms.SetPasswordForm",
    "reauthenticate": "cyber360.accounts.allauth_forms.ReauthenticateForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.bool("BEHIND_PROXY", default=False) else 0  # whose address the limits count
MFA_ADAPTER = "cyber360.accounts.mfa_adapter.MFAAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an account comes from an invitation by mail, which proves the address
MFA_FORMS = {
    "authenticate": "cyber360.accounts.allauth_forms.AuthenticateForm",
    "reauthenticate": "cyber360.accounts.allauth_forms.MFAReauthenticateForm",
    "activate_totp": "cyber360.accounts.allauth_forms.ActivateTOTPForm",
    "add_webauthn": "cyber360.accounts.passkey_forms.AddForm",
    "login_webauthn": "cyber360.accounts.passkey_forms.LoginForm",
    "reauthenticate_webauthn": "cyber360.accounts.passkey_forms.ReauthenticateForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Cyber 360"
# A person who holds one of these seats must set up a second factor before anything else opens.
SECOND_FACTOR_SEATS = env.list(
    "SECOND_FACTOR_SEATS",
    default=["coordinator", "administrator", "framework_editor", "challenge_manager", "lead_peer", "peer", "observer"]
    if PRODUCTION
    else [],
)
SECOND_FACTOR_NEEDED = "peers.access.needs_second_factor"
INVITATION_DAYS = env.int("INVITATION_DAYS", default=14)
IDLE_ACCOUNT_DAYS = env.int("IDLE_ACCOUNT_DAYS", default=365)
# Where the platform asks the domain, by dotted path, because it never imports it (docs/accounts.md).
PLATFORM_GUARD = "peers.access.guard_platform"  # (user, act): raises NoSeat
LINK_SIGN_IN_ALLOWED = "peers.access.link_sign_in_allowed"  # (user) -> bool: holds only contributor seats
NAME_IS_HELD = "peers.access.why_name_is_held"  # (user) -> why their own name may not change now, or ""
SCOPES_THAT_STAY = "peers.records.services.scopes_under_hold"  # (set of scopes) -> those of which nothing is deleted
DEMO_PEOPLE = "peers.overview.demo.people"  # () -> [(heading, [(user, sentence), ...]), ...]
# One count of sign-in attempts for all web processes, which a process's own memory cannot give.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    if TESTING
    else {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "platform_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
    "local": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

# --- sessions, cookies, transport -------------------------------------------------------------
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", default=12) * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "cyber360.ui.views.csrf_failure"
HTTPS = env.bool("HTTPS", default=PRODUCTION)
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS and env.bool("SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

# --- files ------------------------------------------------------------------------------------
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 100
EVIDENCE_FILE_MB = env.int("EVIDENCE_FILE_MB", default=25)
EVIDENCE_PACK_MB = env.int("EVIDENCE_PACK_MB", default=500)
CLAMD = env.str("CLAMD", default="")
# Where documents are read: "auto" takes the strongest that the machine has (docs/files.md).
FILES_SANDBOX = env.str("FILES_SANDBOX", default="auto")
# Signatures older than this are warned of; a file held back and not answered for is deleted after that many days.
FILES_SIGNATURE_DAYS = env.int("FILES_SIGNATURE_DAYS", default=7)
# The first word of the scopes whose files are looked through for what must not be held; records of ours are not.
FILES_LOOK_THROUGH = ["challenge"]
FILES_CONCERN_DAYS = env.int("FILES_CONCERN_DAYS", default=7)
# Uploads are refused while less than this is free on the disk.
FILES_DISK_FLOOR_MB = env.int("FILES_DISK_FLOOR_MB", default=2048)
FILES_STORAGE = env.str("FILES_STORAGE", default="local")  # "local" or "s3"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(VAR_DIR / "media")},
    },
    "vault": {"BACKEND": "cyber360.files.storage.LocalVault", "OPTIONS": {"location": str(VAR_DIR / "vault")}}
    if FILES_STORAGE == "local"
    else {
        "BACKEND": "cyber360.files.storage.S3Vault",
        "OPTIONS": {
            "bucket_name": env.str("S3_BUCKET", default=""),
            "endpoint_url": env.str("S3_ENDPOINT", default=None),
            "region_name": env.str("S3_REGION", default=None),
        },
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if (DEBUG or TESTING)
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [path for path in [BASE_DIR / "build" / "static"] if path.exists()]
WHITENOISE_MAX_AGE = 31_536_000 if not DEBUG else 0

# --- jobs and mail ------------------------------------------------------------------------------
Q_CLUSTER = {
    "name": "cyber360",
    "orm": "default",
    "workers": env.int("WORKERS", default=1 if DEMO else 2),
    "poll": 0.2,
    "timeout": 900,
    "retry": 1900,
    "ack_failures": True,
    "max_attempts": 3,
    "catch_up": False,
    "save_limit": 1000,
    "label": "Jobs",
    "sync": env.bool("JOBS_INLINE", default=False),
    "cache": "local",
}
JOB_ROOMS = ["peers"]  # apps whose rooms have a tasks module
# A worker that dies keeps its job this long; a living one renews the lease every third of it.
JOB_LEASE_SECONDS = env.float("JOB_LEASE_SECONDS", default=30)
JOB_BACK_OFF_SECONDS = env.float("JOB_BACK_OFF_SECONDS", default=10)
# No heartbeat for this long while nothing runs: the cluster is frozen and run_worker starts it afresh.
WORKER_SILENCE_SECONDS = env.float("WORKER_SILENCE_SECONDS", default=30)
MAIL_DIGEST_HOUR = env.int("MAIL_DIGEST_HOUR", default=7)
READINESS_CHECKS = ["cyber360.jobs.queries.worker"]
# Lines of the administrators' health page, as dotted paths: jobs lie below the parts that have something to say.
HEALTH_LINES = ["cyber360.files.sandbox.health_line"]
EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default="Cyber 360 <no-reply@example.org>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- language, time, logging ----------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
# Welsh follows once it is written: half a page in each language serves nobody.
LANGUAGES = [("en-gb", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/London"
DATE_FORMAT = "l j F Y"
FORMAT_MODULE_PATH = ["cyber360.formats"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"tokens": {"()": "cyber360.ui.logs.HideTokens"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["tokens"]}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    # Three lines for each heartbeat otherwise; what a job did is said by cyber360.jobs.
    "loggers": {"django-q": {"level": env.str("JOB_LOG_LEVEL", default="WARNING")}},
}
