"""The roof: it loads last and ties the floors together."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "呼应"

    def ready(self) -> None:
        from config import celery, wiring  # apps must be loaded before tasks and reactions can be named

        celery.app.set_default()  # whoever sends a task in this process, from any thread, sends it by this app
        wiring.connect()
