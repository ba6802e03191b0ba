"""placeholder, replaced within minutes"""


def ready(argv: list[str]) -> None:
    pass
