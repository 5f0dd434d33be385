"""Times the calls of redis-py, sync and asyncio, from the moment it is imported."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from types import ModuleType
from typing import Any

from ..measure.current import visit

_SYNC = (
    ("redis.client", "Redis", "execute_command"),
    ("redis.client", "Pipeline", "execute"),
    ("redis.cluster", "RedisCluster", "execute_command"),
    ("redis.cluster", "ClusterPipeline", "execute"),
)
_ASYNC = tuple((module.replace("redis.", "redis.asyncio."), name, method) for module, name, method in _SYNC)
_MARK = "__plateau_timed__"


def install() -> None:
    """Hooks redis-py now when it is there, else when it is imported. Methods that a version of it lacks are left out."""
    if "redis" in sys.modules:
        hook()
    elif not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def hook() -> None:
    """Wraps the methods that send commands and wait for answers."""
    for wrap, methods in ((_timed, _SYNC), (_timed_async, _ASYNC)):
        for module, name, method in methods:
            owner = getattr(sys.modules.get(module), name, None)
            inner = vars(owner).get(method) if owner is not None else None
            if inner is not None and not hasattr(inner, _MARK):
                wrapped = wrap(inner)
                setattr(wrapped, _MARK, True)
                setattr(owner, method, wrapped)


def _timed(inner: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(inner)
    def timed(*args: Any, **kwargs: Any) -> Any:
        current = visit.get()
        if current is None:
            return inner(*args, **kwargs)
        current.store_began()
        try:
            return inner(*args, **kwargs)
        finally:
            current.store_ended()

    return timed


def _timed_async(inner: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(inner)
    async def timed(*args: Any, **kwargs: Any) -> Any:
        current = visit.get()
        if current is None:
            return await inner(*args, **kwargs)
        current.store_began()
        try:
            return await inner(*args, **kwargs)
        finally:
            current.store_ended()

    return timed


class _Finder(importlib.abc.MetaPathFinder):
    """Sees the import of redis, lets the others find it, and hooks it once it has run."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> importlib.machinery.ModuleSpec | None:
        if name != "redis":
            return None
        for finder in sys.meta_path:
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec = None if find is None else find(name, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Loader(spec.loader)
                return spec  # type: ignore[no-any-return]
        return None


class _Loader(importlib.abc.Loader):
    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self._inner.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        self._inner.exec_module(module)
        hook()

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self._inner, attribute)
