"""Answers other than 200."""

from __future__ import annotations

from plateau_pool.features.json_value import JsonValue


class Refusal(Exception):
    """A request that is answered with an error; ``body`` is sent as JSON."""

    def __init__(self, status: int, detail: JsonValue, *, plain: bool = False) -> None:
        super().__init__(str(detail))
        self.status = status
        self.body: JsonValue = detail if plain else {"detail": detail}


STORE_AWAY = "The online store is not available; try again."
"""What clients are told: addresses and paths are for the operator, who reads them on the admin port."""


class StoreLost(Exception):
    """The online store did not answer, or not in time."""


def python_error(message: str) -> Refusal:
    """Feast's answer to most mistakes of a client: 500 with a JSON string."""
    return Refusal(500, message, plain=True)


def missing_field(name: str, given: JsonValue) -> Refusal:
    """FastAPI's answer to a body without a required field."""
    return Refusal(422, [{"type": "missing", "loc": ["body", name], "msg": "Field required", "input": given}])


def wrong_type(kind: str, location: list[JsonValue], given: JsonValue) -> Refusal:
    """FastAPI's answer to a field of another type; ``kind`` is ``list``, ``string``, ``dict`` or ``bool``."""
    names = {"dict": "dictionary", "bool": "boolean"}
    message = f"Input should be a valid {names.get(kind, kind)}"
    return Refusal(422, [{"type": f"{kind}_type", "loc": ["body", *location], "msg": message, "input": given}])
