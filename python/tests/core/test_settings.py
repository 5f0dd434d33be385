"""Flags, environment and durations."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from plateau_pool import presets
from plateau_pool.duration import parse_duration
from plateau_pool.settings import UsageError, read_settings

PLAIN = ["service:app", "--server", "waitress"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("30ms", 0.03), ("1.5s", 1.5), ("5m", 300), ("1h30m", 5400), ("20us", 2e-5), ("20µs", 2e-5), ("7ns", 7e-9)],
)
def test_duration(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "1", "-1s", "s", "1 s", "1.s", ".5s", "1d", "1s ", "nan", "1234567s", "1s" * 9, "1٣s"])
def test_no_duration(text: str) -> None:
    assert parse_duration(text) is None


def test_a_flag_wins_over_the_environment_and_that_over_the_default() -> None:
    env = {"WORKER_POOL_SERVING_PORT": "7000", "WORKER_POOL_ADMIN_PORT": "7001", "WORKER_POOL_HOST": "", "WORKER_POOL_CONFIG": "c.json"}
    settings = read_settings([*PLAIN, "--port", "8000"], env)
    assert (settings.port, settings.admin_port, settings.host, settings.config_file) == (8000, 7001, "0.0.0.0", "c.json")
    assert (settings.threads, settings.processes, settings.objective, settings.max_connection_age) == (8, 1, 0.1, 60)


def test_a_queue_has_room_for_a_burst() -> None:
    settings = read_settings([*PLAIN, "--queue-factor", "2.5"], {})
    assert [settings.queue_for(threads) for threads in (1, 25, 26, 41)] == [64, 64, 65, 103]


@pytest.mark.parametrize(
    ("argv", "env", "told"),
    [
        (["service:app"], {}, ["--server is missing"]),
        (["service", "--server", "waitress"], {}, ['"service" is no application']),
        (["service:", "--server", "waitress"], {}, ["no application"]),
        (
            [*PLAIN, "--threads", "0", "--port", "x"],
            {},
            ["--threads must be a number from 1", '--port must be a number from 0 to 65535, not "x"'],
        ),
        ([*PLAIN, "--threads", "1.5"], {}, ["--threads must be a whole number, not 1.5"]),
        ([*PLAIN, "--threads", "nan"], {}, ["--threads must be a number"]),
        ([*PLAIN, "--objective", "100"], {}, ["--objective must be a duration"]),
        ([*PLAIN, "--objective", "0"], {}, ["--objective must be a duration"]),
        (PLAIN, {"WORKER_POOL_ADMIN_PORT": "70000"}, ["WORKER_POOL_ADMIN_PORT must be a number"]),
        ([*PLAIN, "--thread", "4"], {}, ["unrecognized arguments: --thread"]),
        ([], {}, ["app"]),
    ],
)
def test_every_problem_is_told(argv: list[str], env: dict[str, str], told: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        read_settings(argv, env)
    for part in told:
        assert part in str(caught.value)


def test_a_preset_brings_its_application_flags_and_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("preset_of_tests")

    def prepare(given: dict[str, str]) -> presets.Preset:
        if "feature-store" not in given:
            raise ValueError("--feature-store is missing")
        return presets.Preset(
            "its:app", {"server": "uvicorn", "threads": "3"}, {"gunicorn": "gunicorn-asgi"}, {"STORE": given["feature-store"]}
        )

    vars(module).update(flags={"feature-store": "what to serve"}, prepare=prepare)
    monkeypatch.setitem(sys.modules, "preset_of_tests", module)
    monkeypatch.setitem(presets.PRESETS, "tests", "preset_of_tests")
    settings = read_settings(["tests", "--feature-store", "f.yaml"], {})
    assert (settings.app, settings.server, settings.threads, settings.environment) == ("its:app", "uvicorn", 3, {"STORE": "f.yaml"})
    assert read_settings(["tests", "--feature-store", "f", "--server", "gunicorn", "--threads", "9"], {}).server == "gunicorn-asgi"
    with pytest.raises(UsageError, match="--feature-store is missing"):
        read_settings(["tests"], {})
    with pytest.raises(UsageError, match="unrecognized"):
        read_settings([*PLAIN, "--feature-store", "f.yaml"], {})


def test_a_flag_with_the_name_of_a_preset_chooses_none() -> None:
    assert read_settings([*PLAIN, "--token-file", "feast"], {}).app == "service:app"


def test_settings_survive_the_way_to_the_child() -> None:
    import json  # noqa: PLC0415

    from plateau_pool.settings import Settings  # noqa: PLC0415

    settings = read_settings(PLAIN, {})
    assert Settings(**json.loads(settings.to_json())) == settings


@pytest.mark.parametrize(
    ("grace", "drain", "end_within", "drain_within"),
    [
        ("30s", "5s", 29, 5),
        # The drain gives way: with all of a short grace for it the requests in flight were ended with it.
        ("6s", "5s", 5, 2.5),
        ("1s", "5s", 0.75, 0.375),
    ],
)
def test_a_short_grace_is_shared_out(grace: str, drain: str, end_within: float, drain_within: float) -> None:
    settings = read_settings([*PLAIN, "--termination-grace", grace, "--drain-grace", drain], {})
    assert (settings.end_within, settings.drain_within) == pytest.approx((end_within, drain_within))
