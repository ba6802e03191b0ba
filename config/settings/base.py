"""What all settings share. Where they differ is in dev, test and prod, and should stay short."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _
from redis.backoff import NoBackoff
from redis.retry import Retry

from config import env
from config.home import PROJECT, home

BASE_DIR = PROJECT
HOME = home()
DEMO = env.flag("HUYING_DEMO")  # demo accounts with known passwords exist only here
TESTING = False  # the test settings say True: only there and in a demo may time be swept ahead

DEBUG = False
SECRET_KEY = env.text("SECRET_KEY")  # empty here; each of dev, test and prod says where its key comes from
ALLOWED_HOSTS = env.names("HUYING_ALLOWED_HOSTS", ("localhost", "127.0.0.1", "[::1]"))
CSRF_TRUSTED_ORIGINS = env.names("HUYING_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.admin",
    "mptt",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "axes",
    "csp",
    "django_htmx",
    "ledger",
    "grid",
    "parties",
    "cases",
    "config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "parties.middleware.ActorMiddleware",
    "config.language.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "cases.web.errors.RefusalsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cases.web.shell.context",
            ],
        },
    },
]

# -- data
DATABASES = {
    "default": {
        **env.database("DATABASE_URL", HOME.database_url).settings,
        # A new connection costs more than a whole intake; a kept one is looked at once per request, so that a
        # restarted server costs no error page. No ATOMIC_REQUESTS: it would hold locks while rendering.
        "CONN_MAX_AGE": env.number("HUYING_CONNECTION_SECONDS", 600),
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

VALKEY = env.redis("REDIS_URL", HOME.redis_url)
CACHES = {
    "default": {
        "BACKEND": "config.cache.ForgivingCache",
        "LOCATION": VALKEY.url,
        "KEY_PREFIX": "huying",
        # No retry with sleeps: a dead cache must cost a page milliseconds, not seconds.
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1, "retry": Retry(NoBackoff(), 0)},
    }
}

# -- people
AUTH_USER_MODEL = "parties.Account"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "parties.backends.PostingsBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 8 if DEMO else 10},
    }
]
if not DEMO:
    AUTH_PASSWORD_VALIDATORS += [
        {"NAME": f"django.contrib.auth.password_validation.{name}"}
        for name in (
            "UserAttributeSimilarityValidator",
            "CommonPasswordValidator",
            "NumericPasswordValidator",
        )
    ]
LOGIN_URL = "parties:login"
LOGIN_REDIRECT_URL = "parties:home"
LOGOUT_REDIRECT_URL = "parties:login"
SESSION_ENGINE = "parties.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

# Ten wrong passwords for one account from one address lock that pair for a quarter of an hour.
AXES_FAILURE_LIMIT = 10
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True
AXES_HTTP_RESPONSE_CODE = 429
AXES_LOCKOUT_CALLABLE = "parties.web.lockout.locked_out"

# -- words and time
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("英语"))]
LANGUAGE_COOKIE_NAME = "huying_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"  # how times are shown; they are stored in UTC
USE_I18N = True
USE_TZ = True

# -- files
STATIC_URL = "static/"
STATIC_ROOT = env.folder("HUYING_STATIC_ROOT", HOME.static)
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
PDF_FONT = env.text(
    "HUYING_PDF_FONT"
)  # a TrueType file to embed in papers; empty: the readers' own song face
MEDIA_ROOT = env.folder(
    "HUYING_MEDIA_ROOT", HOME.media
)  # never served by URL: views hand files out, by right
MEDIA_URL = "media-is-not-served/"
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# -- the live process: ":port" on the page's own host (as the supervisor starts it), a path or an address behind a
# proxy ("/live/"); empty: pages ask by themselves
LIVE_URL = env.text("HUYING_LIVE_URL")
LIVE_SOURCES = [
    f"{'*' if host.startswith('.') else ''}{host}{LIVE_URL}" for host in ALLOWED_HOSTS if host[0] != "["
]
if not LIVE_URL.startswith(":"):
    LIVE_SOURCES = [LIVE_URL] if "//" in LIVE_URL else []

# -- what a page may load and do
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        # Widths of meters and charts are style attributes computed by the server; style elements stay refused.
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "media-src": ["'self'", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'", *LIVE_SOURCES],
        "worker-src": ["'self'"],
        "manifest-src": ["'self'"],
        "object-src": ["'none'"],
        "frame-src": ["'none'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    "geolocation": ["self"],
    "camera": ["self"],
    "microphone": ["self"],
    "autoplay": [],
    "display-capture": [],
    "encrypted-media": [],
    "fullscreen": ["self"],
    "payment": [],
    "usb": [],
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

# -- the programming interface
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "parties.api.auth.TokenAuthentication",  # first, so that a caller without any gets 401, not 403
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["cases.api.parsers.JSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["cases.api.throttles.AccountThrottle"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "cases.api.problems.handler",
    "DEFAULT_THROTTLE_RATES": {
        "login": env.text("HUYING_RATE_LOGIN", "30/min"),
        "report": env.text("HUYING_RATE_REPORT", "20/hour"),
        "track": env.text("HUYING_RATE_TRACK", "30/min"),
        "api": env.text("HUYING_RATE_API", "20000/min"),  # per account, everything
        "calls": env.text("HUYING_RATE_CALLS", "6000/min"),
        "attachments": env.text("HUYING_RATE_ATTACHMENTS", "1200/min"),
        "receipts": env.text("HUYING_RATE_RECEIPTS", "1200/min"),  # per gateway of texts
        "anon": env.text("HUYING_RATE_ANON", "600/min"),  # per address, callers who are not recognised
    },
    "NUM_PROXIES": env.number("HUYING_PROXIES", 0),
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
REST_KNOX = {
    "TOKEN_TTL": timedelta(days=90),
    "AUTH_HEADER_PREFIX": "Token",
    "AUTO_REFRESH": False,
    "TOKEN_LIMIT_PER_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Huying 呼应",
    "DESCRIPTION": "网格呼叫、分级响应、部门报到：接口说明。",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "CaseKindEnum": "cases.kinds.KINDS",
        "PlaceKindEnum": "grid.kinds.KINDS",
        "DraftStatusEnum": "grid.models.Draft.Status",
        "CaseStatusEnum": "cases.kinds.STATUSES",
        "FindingKindEnum": "cases.models.finding.KINDS",
        "RoundKindEnum": "cases.kinds.ROUNDS",
        "ReliefKindEnum": "cases.reliefs.policy.KINDS",
        "LevelEnum": "cases.kinds.LEVELS",
        "ChannelEnum": "cases.kinds.CHANNELS",
        "ContactChannelEnum": "cases.kinds.CONTACT_CHANNELS",
        "UrgencyEnum": "cases.kinds.URGENCIES",
        "ErrandStateEnum": "cases.models.desk.Errand.State",
        "NoticeKindEnum": "cases.notices.kinds.KINDS",
        "NoticeChannelEnum": "cases.models.deliveries.CHANNELS",
        "FindingStateEnum": "cases.models.finding.STATES",
        "AbsenceReasonEnum": "parties.models.absences.REASONS",
        "PlaceCommandEnum": "grid.api.shapes.COMMANDS",
        "UnitCommandEnum": "parties.api.shapes.COMMANDS",
    },
}

# -- work behind the page; queues and the timetable are in config/celery.py
CELERY_BROKER_URL = VALKEY.broker
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "global_keyprefix": "huying:",
}
CELERY_TASK_PUBLISH_RETRY = False  # a hint that does not get through is found by the sweep
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 900
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_ENABLE_UTC = True

# -- messages that leave the house
SITE_URL = env.text("HUYING_SITE_URL", "http://127.0.0.1:8000").rstrip("/")  # what their links begin with
NOTICE_HOSTS = env.names(
    "HUYING_NOTICE_HOSTS"
)  # hosts, .domains, networks that may be called; none: see guard
EMAIL_HOST = env.text("HUYING_SMTP_HOST")
EMAIL_PORT = env.number("HUYING_SMTP_PORT", 25, least=1, most=65535)
EMAIL_HOST_USER = env.text("HUYING_SMTP_USER")
EMAIL_HOST_PASSWORD = env.text("HUYING_SMTP_PASSWORD")
EMAIL_USE_TLS = env.flag("HUYING_SMTP_STARTTLS")
EMAIL_USE_SSL = env.flag("HUYING_SMTP_SSL")
EMAIL_TIMEOUT = 10
EMAIL_SUBJECT_PREFIX = ""
DEFAULT_FROM_EMAIL = env.text("HUYING_MAIL_FROM", "huying@localhost")
MAIL_READY = bool(EMAIL_HOST) or DEMO
if not EMAIL_HOST:  # a demo's letters are files that can be looked at
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(HOME.path / "mail")

# -- health
# how many callers within how many days make a matter urgent, and critical; 0: never by itself
LIFT_DAYS = env.number("HUYING_LIFT_DAYS", 7, least=1, most=90)
LIFT_TO_URGENT = env.number("HUYING_LIFT_TO_URGENT", 3, most=1000)
LIFT_TO_CRITICAL = env.number("HUYING_LIFT_TO_CRITICAL", 10, most=1000)

HEALTH_CLOCK_SKEW_SECONDS = 2
HEALTH_HEARTBEAT_SECONDS = env.number("HUYING_HEARTBEAT_SECONDS", 45, least=5)
HEALTH_SWEEP_SECONDS = env.number("HUYING_SWEEP_SECONDS", 180, least=30)
HEALTH_OUTBOX_SECONDS = env.number("HUYING_OUTBOX_SECONDS", 600, least=10)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s", "datefmt": "%H:%M:%S"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("HUYING_LOG_LEVEL", "INFO").upper()},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},  # anybody can send one
        "celery": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
    },
}
