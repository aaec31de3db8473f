"""The security module: each order once, whoever is killed; keys sealed; one clear word for what is wrong."""

import asyncio
import hashlib
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gridhall.adapters.sts import client, command
from gridhall.adapters.sts.journal import Journal
from gridhall.adapters.sts.keys import Meter, meter_key
from gridhall.adapters.sts.module import BadOrder, Limits, Module
from gridhall.adapters.sts.server import ModuleServer, answer
from gridhall.adapters.sts.simulator import ACCEPTED, REJECTED, KeypadMeter
from gridhall.adapters.sts.vault import Vault, VaultError

PASSPHRASE = "for trying tokens out"
PARTS = [hashlib.sha1(text).digest() for text in (b"one person", b"another person")]  # 20 bytes each
VENDING = bytes(a ^ b for a, b in zip(*PARTS, strict=True))
NUMBER = "600727000000000009"
METER = {"number": NUMBER, "supply_group": "123457", "base": 2014, "vending_key": "east"}
KEY = meter_key(VENDING, Meter(NUMBER, "123457", base=2014))


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short name: the path of a socket has 107 bytes at most."""
    with tempfile.TemporaryDirectory(prefix="gh-sts-") as path:
        yield Path(path)


@contextmanager
def a_module(folder: Path, limit: int = 10_000_000) -> Iterator[Module]:
    vault = Vault(folder / "keys.sealed", PASSPHRASE)
    if not vault.names():
        vault.put("east", PARTS)
    journal = Journal(folder / "journal.sqlite")
    yield Module(vault, journal, Limits(limit))
    journal.close()


def credit(number: str, wh: int = 5_000, moment: str = "2026-11-25T10:00", **changed: Any) -> dict[str, Any]:
    return {"act": "credit", "order_no": number, "moment": moment, "wh": wh, "meter": METER, **changed}


def test_an_order_gets_its_token_once_and_the_same_again_after_a_restart(folder: Path) -> None:
    with a_module(folder) as module:
        ((first,), (second,)) = module.do([credit("S1"), credit("S2", wh=100)])
        assert module.do([credit("S1")]) == [[first]]
    with a_module(folder) as module:  # what was made is on the disk
        assert module.do([credit("S1")]) == [[first]]
        ((third,),) = module.do([credit("S3", moment="2020-01-01T00:00")])  # a clock that has gone back
        with pytest.raises(BadOrder, match="come before with another order"):
            module.do([credit("S1", wh=5_100)])
    keypad = KeypadMeter(KEY)
    # three in one minute and out of order: each is another token, and the meter takes each
    assert [keypad.enter(each) for each in (second, first, third)] == [ACCEPTED] * 3
    assert keypad.credit_wh == 5_000 + 100 + 5_000


def test_one_bad_order_of_a_message_and_nothing_is_done(folder: Path) -> None:
    with a_module(folder, limit=1_000_000) as module:
        for bad, row, field in [
            (credit("B", wh=150), 1, "energy"),
            (credit("B", wh=2_000_000), 1, "wh"),
            (credit("B", wh=-1), 1, "wh"),
            (credit("B", wh=1.5), 1, "wh"),
            (credit("B", moment="today"), 1, "moment"),
            (credit("B", moment="2026-11-25T10:00+08:00"), 1, "issued"),
            (credit("", wh=100), 1, "order_no"),
            (credit("B", act="give"), 1, "act"),
            (credit("B", meter=None), 1, "meter"),
            (credit("B", meter={**METER, "vending_key": "west"}), 1, "vending_key"),
            (credit("B", meter={**METER, "number": "600727000000000008"}), 1, "number"),
            (credit("B", meter={**METER, "base": "2014"}), 1, "meter.base"),
            (credit("B", meter={**METER, "colour": "red"}), 1, "meter.colour"),
        ]:
            with pytest.raises(BadOrder) as refused:
                module.do([credit("A", wh=100), bad])
            assert (refused.value.row, refused.value.field) == (row, field)
        ((made,),) = module.do([credit("A", wh=200)])  # its number was never used
        keypad = KeypadMeter(KEY)
        keypad.enter(made)
        assert keypad.credit_wh == 200


def test_keys_change_and_engineering_tokens_are_ordered_by_name(folder: Path) -> None:
    keypad = KeypadMeter(KEY)
    to = {**METER, "tariff_index": "02"}
    with a_module(folder) as module:
        change = {"act": "key_change", "order_no": "K1", "moment": "2026-11-25T10:00", "meter": METER, "to": to}
        limit = {
            "act": "engineering",
            "order_no": "L1",
            "moment": "2026-11-25T10:01",
            "kind": "power_limit",
            "value": 900,
        }
        show = {"act": "test", "order_no": "T1", "moment": "2026-11-25T10:00", "control": 1, "manufacturer": 7}
        four, (limited,), (shown,) = module.do([change, {**limit, "meter": to}, show])
        with pytest.raises(BadOrder, match="set to already"):
            module.do([{**change, "order_no": "K2", "to": METER}])
        with pytest.raises(BadOrder, match="kind"):
            module.do([{**limit, "order_no": "L2", "kind": "explode", "meter": to}])
    assert keypad.enter(limited) == REJECTED
    assert [keypad.enter(each) for each in (*four, limited, shown)] == [ACCEPTED] * 6
    assert keypad.power_limit_w == 900


def test_the_vault_opens_to_its_passphrase_alone_and_shows_nothing(folder: Path) -> None:
    path = folder / "keys.sealed"
    Vault(path, PASSPHRASE).put("east", PARTS)
    assert path.stat().st_mode & 0o777 == 0o600
    assert VENDING not in path.read_bytes()
    assert VENDING.hex() not in repr(Vault(path, PASSPHRASE))
    assert Vault(path, PASSPHRASE).key("east") == VENDING
    with pytest.raises(VaultError, match="does not open"):
        Vault(path, "another passphrase")
    changed = bytearray(path.read_bytes())
    changed[-1] ^= 1
    path.write_bytes(changed)
    with pytest.raises(VaultError, match="changed"):
        Vault(path, PASSPHRASE)


@pytest.mark.parametrize(
    ("name", "parts", "why"),
    [
        ("east", PARTS, "there already"), ("west", PARTS[:1], "two components"), ("a b", PARTS, "letters"),
        ("west", [PARTS[0], PARTS[0]], "same one twice"), ("west", [PARTS[0], b"short"], "20 bytes"),
    ],
)  # fmt: skip
def test_what_is_no_key_does_not_enter_the_vault(folder: Path, name: str, parts: list[bytes], why: str) -> None:
    vault = Vault(folder / "keys.sealed", PASSPHRASE)
    vault.put("east", PARTS)
    with pytest.raises(VaultError, match=why):
        vault.put(name, parts)
    assert vault.names() == ["east"]


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b'{"orders": 1}', b'{"orders": [1]}', b"\xff", b"[" * 100_000])
def test_what_is_no_message_is_answered(folder: Path, line: bytes) -> None:
    with a_module(folder) as module:
        assert answer(module, line)["field"] == "orders"


def test_a_fault_inside_is_told_without_a_word_of_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with a_module(folder) as module:
        monkeypatch.setattr(Module, "do", lambda self, orders: {}[VENDING.hex()])
        caplog.set_level(logging.CRITICAL)
        said = answer(module, json.dumps({"orders": [credit("S1")]}).encode())
    assert said == {"error": "the module failed: ask again", "row": 0, "field": ""}


def _serving(folder: Path) -> "subprocess.Popen[bytes]":
    secret = folder / "passphrase"
    secret.write_text(PASSPHRASE + "\n")
    here = {**os.environ, "GRIDHALL_TOKEN_MODULE_HOME": str(folder), command.READ_FROM: str(secret)}
    process = subprocess.Popen(
        [sys.executable, "-m", "gridhall.doors.cli.main", "token-module", "serve"], env=here, stderr=subprocess.DEVNULL
    )
    until = time.monotonic() + 60
    while not (folder / "socket").exists() and time.monotonic() < until and process.poll() is None:
        time.sleep(0.05)
    return process


def test_killed_at_any_moment_no_order_gets_two_tokens(folder: Path) -> None:
    """A hundred orders are sent again and again until each is answered, while the module is killed five times. What was
    heard is what stands in the journal, and the meter takes all of them: 100 × 0.1 kWh."""
    with a_module(folder):
        pass
    heard: dict[str, str] = {}
    path = folder / "socket"
    for number in range(5):
        path.unlink(missing_ok=True)
        process = _serving(folder)
        try:
            for k in range(20 * number, 20 * number + 20):
                order = credit(f"S{k}", wh=100, moment=f"2026-11-25T10:{k % 60:02d}")
                if k % 20 == 13:  # the message is on its way when the module dies
                    sent = subprocess.Popen([sys.executable, "-c", _SEND, str(path), json.dumps(order)])
                    time.sleep(0.02 * number)
                    process.send_signal(signal.SIGKILL)
                    process.wait()
                    sent.wait()
                    path.unlink(missing_ok=True)
                    process = _serving(folder)
                ((heard[order["order_no"]],),) = client.ask(path, [order])
        finally:
            process.kill()
            process.wait()
    assert len(set(heard.values())) == 100
    keypad = KeypadMeter(KEY)
    assert {keypad.enter(token) for token in heard.values()} == {ACCEPTED}
    assert keypad.credit_wh == 100 * 100


_SEND = """
import sys, socket, json
line = socket.socket(socket.AF_UNIX)
try:
    line.connect(sys.argv[1])
    line.sendall(json.dumps({"orders": [json.loads(sys.argv[2])]}).encode() + b"\\n")
except OSError:
    pass
"""


def test_the_module_that_is_not_there_is_silent(folder: Path) -> None:
    with pytest.raises(client.ModuleSilent):
        client.ask(folder / "socket", [credit("S1")])


def test_over_the_socket_refusals_name_their_row(folder: Path) -> None:
    async def story(module: Module) -> None:
        server = ModuleServer(module, folder / "socket")
        await server.start()
        assert (folder / "socket").stat().st_mode & 0o777 == 0o600
        with pytest.raises(BadOrder, match="order 2: wh is no whole number"):
            await asyncio.to_thread(client.ask, folder / "socket", [credit("S1"), credit("S2", wh="much")])
        await server.stop()

    with a_module(folder) as module:
        asyncio.run(story(module))


def test_two_persons_type_a_key_and_a_second_module_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDHALL_TOKEN_MODULE_HOME", str(folder))
    typed = "\n".join([PASSPHRASE, *(part.hex() for part in PARTS)]) + "\n"
    done = CliRunner().invoke(command.app, ["load-key", "east"], input=typed)
    assert done.exit_code == 0, done.output
    assert Vault(folder / "keys.sealed", PASSPHRASE).key("east") == VENDING
    assert not any(part.hex() in done.output for part in PARTS)
    wrong = CliRunner().invoke(command.app, ["load-key", "west"], input="\n".join([PASSPHRASE, "xyz"]) + "\n")
    assert "component 1 is not hexadecimal" in wrong.output
    with a_module(folder):
        second = CliRunner().invoke(command.app, ["serve"], input=PASSPHRASE + "\n")
    assert second.exit_code == 2
    assert "another token module" in second.output
