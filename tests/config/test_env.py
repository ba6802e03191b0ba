"""Values of the environment: read, or refused with a sentence."""

import pytest

from config import env


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://u:p%40ss@db.example:5433/name", ("name", "u", "p@ss", "db.example", "5433")),
        ("postgres://u@[::1]/name", ("name", "u", "", "::1", "")),
        ("postgresql://u@/name?host=/run/pg", ("name", "u", "", "/run/pg", "")),
    ],
)
def test_database_urls(monkeypatch, url, expected):
    monkeypatch.setenv("X", url)
    read = env.database("X", "")
    assert (read.name, read.user, read.password, read.host, read.port) == expected
    monkeypatch.setenv("X", read.url)
    assert env.database("X", "") == read


@pytest.mark.parametrize(
    "url", ["mysql://u@h/x", "postgresql://u@h", "postgresql://h:port/x", "nonsense", "postgresql://h/x?a=b"]
)
def test_unreadable_database_urls_stop_with_a_sentence(monkeypatch, url):
    monkeypatch.setenv("X", url)
    with pytest.raises(env.Unreadable, match="X 读不懂"):
        env.database("X", "")


@pytest.mark.parametrize(
    ("url", "for_redis", "for_celery"),
    [
        ("redis://h:6380/2", "redis://h:6380/2", "redis://h:6380/2"),
        ("rediss://:pw@h", "rediss://:pw@h/0", "rediss://:pw@h/0"),
        ("unix:///run/v.sock?db=3", "unix:///run/v.sock?db=3", "redis+socket:///run/v.sock?virtual_host=3"),
        (
            "redis+socket:///run/v.sock",
            "unix:///run/v.sock?db=0",
            "redis+socket:///run/v.sock?virtual_host=0",
        ),
    ],
)
def test_redis_urls(monkeypatch, url, for_redis, for_celery):
    monkeypatch.setenv("X", url)
    read = env.redis("X", "")
    assert (read.url, read.broker) == (for_redis, for_celery)


@pytest.mark.parametrize("url", ["amqp://h", "redis://", "unix://", "redis://h/one", "unix:///p?db=x"])
def test_unreadable_redis_urls_stop_with_a_sentence(monkeypatch, url):
    monkeypatch.setenv("X", url)
    with pytest.raises(env.Unreadable, match="X 读不懂"):
        env.redis("X", "")


def test_flags_and_numbers(monkeypatch):
    monkeypatch.setenv("X", "yes")
    assert env.flag("X") is True
    monkeypatch.setenv("X", "maybe")
    with pytest.raises(env.Unreadable):
        env.flag("X")
    monkeypatch.setenv("X", "70000")
    with pytest.raises(env.Unreadable, match="超出范围"):
        env.number("X", 1, most=65535)
    monkeypatch.setenv("X", " ")
    assert env.number("X", 7) == 7
