"""The features application decodes what Feast stores as Feast does, of every type that Feast has."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from plateau_pool.features.value import decode_value

SCRIPT = Path(__file__).parent / "every_value.py"


def test_every_value_as_feast(feast_python: str) -> None:
    done = subprocess.run([feast_python, str(SCRIPT)], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    cases = [json.loads(line) for line in done.stdout.splitlines()]
    # All fields of feast.types.Value, and none at all.
    assert len({case["type"] for case in cases}) == 45
    for case in cases:
        decoded = decode_value(bytes.fromhex(case["stored"]))
        assert json.dumps(decoded, sort_keys=True) == json.dumps(case["answer"], sort_keys=True), case
