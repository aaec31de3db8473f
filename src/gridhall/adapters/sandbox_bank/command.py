"""`gridhall sandbox-bank`: run the bank on loopback."""

import json
from typing import Annotated
from urllib.parse import urlsplit

import httpx
import typer

from gridhall.adapters.sandbox_bank.gateway import address
from gridhall.adapters.sandbox_bank.server import MODES, BankServer
from gridhall.kernel.refusal import Refusal

app = typer.Typer(help="A bank on loopback for trying payments.", no_args_is_help=False)


@app.callback(invoke_without_command=True)
def run(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="Port; by default that of GRIDHALL_SANDBOX_BANK_URL")] = 0,
    mode: Annotated[str, typer.Option(help="How it behaves: " + ", ".join(MODES))] = "well",
) -> None:
    """Run the sandbox bank until it is stopped."""
    if context.invoked_subcommand:
        return
    if mode not in MODES:
        raise Refusal("bad_mode", f"The mode is one of {', '.join(MODES)}.", f"模式只能是 {'、'.join(MODES)}。",
                      field="mode", value=mode)  # fmt: skip
    try:
        named = urlsplit(address()).port
        server = BankServer(port or (8900 if named is None else named), mode)
    except OSError as error:
        raise Refusal(
            "port_in_use", f"The port cannot be used: {error}", f"端口无法使用：{error}", field="port"
        ) from error
    typer.echo(f"Sandbox bank at http://127.0.0.1:{server.server_address[1]}", err=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


@app.command()
def misbehave(mode: Annotated[str, typer.Argument(help=", ".join(MODES))]) -> None:
    """Tell a running sandbox bank how to behave."""
    try:
        answer = httpx.post(f"{address()}/control", json={"mode": mode}, timeout=5, trust_env=False)
    except httpx.HTTPError as error:
        raise Refusal("gateway_unreachable", "The sandbox bank is not running.", "演示银行未运行。") from error
    if answer.status_code != 200:
        raise Refusal("bad_mode", answer.text, answer.text, field="mode", value=mode)
    typer.echo(json.dumps(answer.json()))
