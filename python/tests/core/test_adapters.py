"""What ``--server`` names, and what is said when it is not there."""

from __future__ import annotations

import sys

import pytest

from plateau_pool.adapters import PACKAGES, NoAdapter, load_adapter


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("waitres", "choose waitress, gunicorn, gunicorn-asgi, uvicorn, or give module:attribute"),
        ("../etc", "is not known"),
        ("no_such_module:adapter", "there is no module no_such_module to import"),
        ("json:adapter", "the module json has no adapter"),
    ],
)
def test_a_name_of_no_adapter_is_told(name: str, told: str) -> None:
    with pytest.raises(NoAdapter) as caught:
        load_adapter(name)
    assert told in str(caught.value)


@pytest.mark.parametrize("name", PACKAGES)
def test_a_server_that_is_not_installed_is_told_with_its_remedy(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [module for module in sys.modules if module.startswith("plateau_pool.servers.")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, PACKAGES[name], None)
    monkeypatch.setattr(sys, "modules", sys.modules)
    with pytest.raises(NoAdapter, match=rf"pip install 'plateau-pool\[{PACKAGES[name]}\]'"):
        load_adapter(name)
