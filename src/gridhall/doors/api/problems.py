"""Errors as problem documents (RFC 9457) with stable codes."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from gridhall.kernel.refusal import Refusal

# Which refusal is which HTTP status; every other refusal of an act is 422.
_STATUS = {
    "not_allowed": 403,
    "out_of_scope": 403,
    "unknown_account": 404,
    "unknown_bill": 404,
    "unknown_payment": 404,
    "unknown_tariff": 404,
    "unknown_unit": 404,
    "bad_period": 400,
    "bad_idempotency_key": 400,
    "key_reused": 409,
    "bad_signature": 401,
    "out_of_time": 401,
    "bad_nonce": 401,
    "replayed": 401,
    "partner_suspended": 403,
    "unknown_serial": 404,
    "serial_reused": 409,
    "serial_void": 409,
    "batch_used": 409,
    "in_progress": 409,
}


class Problem(Schema):
    """A problem document. `code` is stable; `detail` is for people, in the language of `Accept-Language`."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    field: str = ""
    row: int | None = None
    value: str = ""


def status_of(refusal: Refusal) -> int:
    """HTTP status of a refusal."""
    return _STATUS.get(refusal.code, 422)


def problem(request: HttpRequest, refusal: Refusal, status: int | None = None) -> HttpResponse:
    """The answer for a refusal."""
    status = status or status_of(refusal)
    return JsonResponse(body(request, refusal, status), status=status, content_type="application/problem+json")


def body(request: HttpRequest, refusal: Refusal, status: int) -> dict[str, Any]:
    """The fields of the problem document of a refusal."""
    language = request.headers.get("Accept-Language", "en")
    document: dict[str, Any] = {
        "type": f"urn:gridhall:refusal:{refusal.code}",
        "title": refusal.code.replace("_", " "),
        "status": status,
        "code": refusal.code,
        "detail": refusal.text(language),
    }
    if refusal.field:
        document["field"] = refusal.field
    if refusal.row >= 0:
        document["row"] = refusal.row
    if refusal.value:
        document["value"] = refusal.value
    return document


def install(api: NinjaAPI) -> None:
    """Make every error of this API a problem document."""

    @api.exception_handler(Refusal)
    def refused(request: HttpRequest, error: Refusal) -> HttpResponse:
        return problem(request, error)

    @api.exception_handler(AuthenticationError)
    def unknown_caller(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        answer = problem(
            request,
            Refusal(
                "bad_key",
                "A valid API key is needed: Authorization: Bearer …",
                "需要有效的 API 密钥：Authorization: Bearer …",
            ),
            401,
        )
        answer["WWW-Authenticate"] = "Bearer"
        return answer

    @api.exception_handler(ValidationError)
    def wrong_input(request: HttpRequest, error: ValidationError) -> HttpResponse:
        first = error.errors[0]
        # ("body", "payment", "amount") → amount; ("header", "Idempotency-Key") → Idempotency-Key
        places = [str(part) for part in first.get("loc", ())]
        rows = [int(part) for part in places if part.isdigit()]
        refusal = Refusal(
            "bad_input",
            f"{places[-1] if places else 'input'}: {first.get('msg', 'not valid')}",
            f"{places[-1] if places else '输入'}：输入无效（{first.get('type', '')}）",
            field=places[-1] if places else "",
            row=rows[0] if rows else -1,
        )
        return problem(request, refusal, 400)

    @api.exception_handler(HttpError)
    def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem(request, Refusal("bad_request", str(error), "请求无效。"), error.status_code)
