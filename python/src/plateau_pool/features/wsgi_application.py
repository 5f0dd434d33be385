"""The application for servers with threads."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from plateau_pool.features.codec import codec_named
from plateau_pool.features.service import Answer, Service
from plateau_pool.features.settings import Settings
from plateau_pool.features.stores import Store

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def wsgi_application(settings: Settings, store: Store) -> WSGIApplication:
    """Makes the application."""
    service = Service(codec_named(settings.codec))

    def respond(environ: WSGIEnvironment) -> Answer:
        routed = service.route(environ["REQUEST_METHOD"], environ.get("PATH_INFO", ""))
        if routed is not None:
            return routed
        try:
            request = service.parse(_wsgi_body(environ), environ.get("CONTENT_TYPE", ""))
            return service.answer(request, store.read(request.views, request.keys))
        except Exception as error:
            return service.failure(error)

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = respond(environ)
        start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", answer.all_headers())
        return [answer.body]

    return app


def _wsgi_body(environ: WSGIEnvironment) -> bytes:
    if environ.get("wsgi.input_terminated"):
        return bytes(environ["wsgi.input"].read())
    return bytes(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
