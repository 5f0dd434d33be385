"""What the adapters use of other projects beyond their documentation. Whatever goes missing there is named here, before it is missed."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
import uvicorn
from gunicorn.arbiter import Arbiter
from gunicorn.http.message import Request
from gunicorn.workers import gthread
from gunicorn.workers.base import Worker
from uvicorn.protocols.http.auto import AutoHTTPProtocol
from uvicorn.protocols.http.h11_impl import H11Protocol
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, Task, ThreadedTaskDispatcher, WSGITask

_METHODS: list[tuple[Any, str]] = [
    (HTTPChannel, "service received handle_write handle_read handle_close readable parser_class task_class error_task_class"),
    (HTTPChannel, "last_activity total_outbufs_len"),
    (HTTPRequestParser, "received error completed"),
    (Task, "build_response_header finish set_close_on_finish write status complete"),
    (WSGITask, "execute"),
    (ErrorTask, "execute"),
    (TcpWSGIServer, "add_task accept handle_accept maintenance pull_trigger channel_class"),
    (ThreadedTaskDispatcher, "set_thread_count shutdown stop_count active_count"),
    (wasyncore, "loop"),
    (gthread.TConn, "close init set_timeout"),
    (
        gthread.ThreadWorker,
        "accept enqueue_req handle handle_request handle_error finish_request murder_pending set_accept_enabled "
        "on_pending_socket_readable on_client_socket_readable",
    ),
    (Worker, "load_wsgi notify handle_exit run"),
    (Request, "should_close force_close"),
    (Arbiter, "run num_workers handle_ttin handle_ttou spawn_workers WORKERS WORKER_BOOT_ERROR APP_LOAD_ERROR"),
    (uvicorn.Server, "capture_signals startup shutdown"),
    (AutoHTTPProtocol, "connection_made data_received connection_lost resume_writing"),
    (H11Protocol, "connection_made data_received connection_lost resume_writing"),
]

_ATTRIBUTES: list[tuple[Any, str]] = [
    (HTTPChannel.__init__, "requests requests_lock outbuf_lock connected"),
    (ThreadedTaskDispatcher.__init__, "threads queue"),
    (TcpWSGIServer.__mro__[1].__init__, "active_channels task_dispatcher"),
    (gthread.TConn.__init__, "sock parser data_ready initialized timeout"),
    (gthread.ThreadWorker.__init__, "keepalived_conns pending_conns nr_conns poller tpool"),
    (Worker.__init__, "alive ppid cfg"),
    (uvicorn.Server.__init__, "server_state should_exit"),
    (AutoHTTPProtocol.__init__, "app transport cycle"),
    (H11Protocol.__init__, "app transport cycle"),
]


@pytest.mark.parametrize(("owner", "names"), _METHODS, ids=lambda value: getattr(value, "__name__", ""))
def test_members_exist(owner: Any, names: str) -> None:
    assert [name for name in names.split() if not hasattr(owner, name)] == []


@pytest.mark.parametrize(("function", "names"), _ATTRIBUTES, ids=lambda value: getattr(value, "__qualname__", ""))
def test_attributes_are_set(function: Any, names: str) -> None:
    source = inspect.getsource(function)
    assert [name for name in names.split() if f"self.{name}" not in source] == []
