"""A real installation: servers by URL, HTTPS in front, nothing known in advance."""

from config.settings.base import *  # noqa: F403
from config.settings.base import env

SECRET_KEY = env.required("SECRET_KEY")
if len(SECRET_KEY) < 40:
    raise env.Unreadable("环境变量 SECRET_KEY 太短：至少 40 个字符。")
env.required("DATABASE_URL")
env.required("REDIS_URL")
ALLOWED_HOSTS = env.required("HUYING_ALLOWED_HOSTS").split(",")

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
SECURE_SSL_REDIRECT = env.flag("HUYING_SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = env.number("HUYING_HSTS_SECONDS", 30 * 24 * 3600)
if env.flag("HUYING_BEHIND_PROXY", True):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Sibling names of a district's domain are not ours to bind to HTTPS.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
