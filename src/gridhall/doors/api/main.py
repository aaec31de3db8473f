"""The API, version 1: `/api/v1/`. Its OpenAPI document: `/api/v1/openapi.json`; a page to read it: `/api/v1/docs`."""

from typing import Any

from django.db import connection
from django.http import HttpRequest
from ninja import NinjaAPI, Schema

from gridhall import __version__
from gridhall.doors.api import accounts, ledger, notices, payments, problems, readings, tariffs
from gridhall.doors.api.access import PartnerKey


class _Api(NinjaAPI):
    """States in the OpenAPI document that errors are problem documents and that bills are PDFs."""

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None) -> Any:
        document = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        for path, operations in document["paths"].items():
            for operation in operations.values():
                for status, response in operation["responses"].items():
                    content = response.get("content", {})
                    if int(status) >= 400 and "application/json" in content:
                        content["application/problem+json"] = content.pop("application/json")
                if path.endswith(".pdf"):
                    binary = {"schema": {"type": "string", "format": "binary"}}
                    operation["responses"][200] = {"description": "OK", "content": {"application/pdf": binary}}
        return document


api = _Api(
    title="Gridhall",
    version="1",
    description=(
        "The API of a Gridhall supplier. Amounts are whole minor units (fen), energy whole watt-hours, periods YYYYMM. "
        "Errors are problem documents (RFC 9457) with stable codes. Writes take an Idempotency-Key."
    ),
    urls_namespace="api-1",
    auth=PartnerKey(),
)
problems.install(api)
for router in (accounts.router, payments.router, readings.router, tariffs.router, ledger.router, notices.router):
    api.add_router("", router)


class Health(Schema):
    """That the service answers, and its version."""

    status: str
    version: str


@api.get("/health", auth=None, response=Health, tags=["service"], summary="Whether the service and its database answer")
def health(request: HttpRequest) -> Health:
    """For load balancers; needs no key."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Health(status="ok", version=__version__)
