"""`gridhall`: quick help, one clear sentence for a refusal, exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gridhall.doors.cli import main, ready, serve, tariff
from gridhall.kernel.models import Role
from gridhall.tariffs.book import shipped_books

RUN = [sys.executable, "-m", "gridhall.doors.cli.main"]


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*RUN, *words], capture_output=True, text=True, check=False, env=os.environ | {"LANG": "C"})


def test_help_lists_every_command_and_loads_none() -> None:
    code = (
        "import sys; sys.argv[1:] = ['--help']\n"
        "from gridhall.doors.cli.main import main\n"
        "try: main()\n"
        "finally: print('django' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.rstrip().endswith("False")
    for name in main.COMMANDS:
        assert name in done.stdout


def test_an_unknown_command_is_named_with_a_near_one() -> None:
    done = _run("tarif")
    assert done.returncode == 2
    assert "tariff" in done.stderr


def test_every_command_loads_and_explains_itself() -> None:
    code = (
        "import sys; sys.argv[1:] = ['--help']\n"
        "from gridhall.doors.cli import main\n"
        "for name in main.COMMANDS: print(name, len(main.load(name).help or '') > 10)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split() == [word for name in main.COMMANDS for word in (name, "True")]


@pytest.mark.django_db
def test_a_book_is_checked_entered_and_listed(tmp_path: Path) -> None:
    path = tmp_path / "book.yaml"
    path.write_text(shipped_books()["cn-zhejiang-residential"], "utf-8")
    runner = CliRunner()
    assert "right" in runner.invoke(tariff.app, ["check", str(path)]).stdout
    assert json.loads(runner.invoke(tariff.app, ["list", "--on", "2026-01-01", "--json"]).stdout) == []
    runner.invoke(tariff.app, ["enter", str(path)])
    (draft,) = json.loads(runner.invoke(tariff.app, ["list", "--on", "2026-01-01", "--json"]).stdout)
    assert draft["version"] is None
    runner.invoke(tariff.app, ["enter", "--approve", str(path)])
    (listed,) = json.loads(runner.invoke(tariff.app, ["list", "--on", "2026-01-01", "--json"]).stdout)
    assert listed["code"] == "cn-zhejiang-residential"
    assert listed["version"]


def test_each_fault_of_a_bad_book_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    path = tmp_path / "book.yaml"
    path.write_text("tariff: x\n", "utf-8")
    done = _run("tariff", "check", str(path))
    assert done.returncode == 2
    assert all(line.startswith(f"{path}:1: ") for line in done.stderr.splitlines()), done.stderr
    assert "tariff: a code is small letters" in done.stderr


@pytest.mark.django_db
def test_making_tables_again_changes_nothing_and_keeps_roles() -> None:
    ready.make_tables(quiet=True)
    Role.objects.filter(code="clerk").update(permissions=["customers.see"])
    ready.make_tables(quiet=True)
    assert Role.objects.get(code="clerk").permissions == ["customers.see"]


def test_a_taken_port_is_said_before_anything_starts() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Exception, match="is taken"):
            serve.refuse_taken_port("127.0.0.1", taken.getsockname()[1])
