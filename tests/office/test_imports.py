"""A file is tried first, then taken; what is refused comes back as a file."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from typer.testing import CliRunner

from gridhall.doors.cli import importing
from gridhall.doors.office import imports, jobs, models
from gridhall.kernel.home import home
from gridhall.metering import public as metering
from tests.office.conftest import Enter, text_of
from tests.office.town import Town

READINGS = "表号,示数,抄表日期\nGH00000002,1600.00,2026-11-01\nGH99999999,5.00,2026-11-01\n"


def upload(client: Client, kind: str, name: str, content: bytes, whole: str = "") -> str:
    """Upload a file and let the worker try it; the address of its report (or of its job, where it was refused)."""
    form = {"kind": kind, "file": SimpleUploadedFile(name, content), "whole": whole}
    asked = client.post("/office/imports", form)
    assert asked.status_code == 302, asked.content.decode()
    where = str(asked.headers["Location"])
    jobs.do(int(where.rsplit("/", 1)[1]))
    done = client.get(where)
    return str(done.headers["Location"]) if done.status_code == 302 else where


def test_a_file_is_tried_then_taken_and_the_refused_rows_come_back(town: Town, enter: Enter) -> None:
    """Of two rows one is of an unknown meter: 1 accepted, 1 refused. Nothing is written before it is confirmed."""
    reader = enter("reader")
    tried = upload(reader, "readings", "十月补抄.csv", READINGS.encode("gb18030"))
    page = text_of(reader.get(tried))
    assert "GB18030" in page.upper()
    assert "GH99999999" in page
    assert "serial (表号)" in page
    assert "Import 1 row" in page
    assert metering.register_values(town.missing, 1)[0].period == 202609
    asked = reader.post(f"{tried}/confirm")
    where = str(asked.headers["Location"])
    jobs.do(int(where.rsplit("/", 1)[1]))
    report = str(reader.get(where).headers["Location"])
    assert "imported" in text_of(reader.get(report))
    assert metering.register_values(town.missing, 1)[0].value == 160_000
    back = b"".join(reader.get(f"{where}/file").streaming_content)  # type: ignore[attr-defined]
    lines = back.decode("gb18030").splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("GH99999999")
    assert not list((home() / "imports").glob("*/十月补抄.csv")), "people's data are not kept longer than needed"


def test_held_rows_are_named_by_line_and_meter(town: Town, enter: Enter) -> None:
    reader = enter("reader")
    head = "表号,示数,抄表日期\n"
    tried = upload(reader, "readings", "low.csv", f"{head}GH00000002,0.00,2026-11-01\n".encode())
    page = text_of(reader.get(tried))
    assert "Held rows" in page
    assert '<td class="mono" data-label="Meter serial">GH00000002</td>' in page


def test_held_rows_that_the_page_has_no_room_for_are_counted(
    town: Town, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "ROWS_SHOWN", 1)
    reader = enter("reader")
    rows = "".join(f"GH0000000{k},0.00,2026-11-01\n" for k in (3, 4, 5))
    page = text_of(reader.get(upload(reader, "readings", "low.csv", f"表号,示数,抄表日期\n{rows}".encode())))
    assert page.count("GH0000000") == 1
    assert "and 2 more" in page


def test_what_was_taken_at_the_command_line_stands_on_the_page(town: Town, enter: Enter, tmp_path: Path) -> None:
    path = tmp_path / "补抄.csv"
    path.write_text(READINGS)
    CliRunner().invoke(importing.app, ["readings", str(path)])
    head = "户名,用电地址,责任区,用电类别,电价,立户日期\n"
    people = tmp_path / "people.csv"
    people.write_text(f"{head}郑新,湖滨路99号,A1,居民,cn-shandong-residential,2026-11-01\n")
    assert CliRunner().invoke(importing.app, ["customers", str(people)]).exit_code == 0
    page = text_of(enter("billing").get("/office/imports"))
    assert "Taken at the command line" in page
    assert "补抄.csv" in page
    assert "people.csv" in page
    assert "people.csv" not in text_of(enter("reader").get("/office/imports"))  # whom customers' files do not concern


def test_all_or_nothing_does_not_offer_a_part(town: Town, enter: Enter) -> None:
    reader = enter("reader")
    tried = upload(reader, "readings", "part.csv", READINGS.encode(), whole="1")
    assert "/confirm" not in text_of(reader.get(tried))


def test_a_file_that_is_no_table_is_refused_in_words(town: Town, enter: Enter) -> None:
    reader = enter("reader")
    where = upload(reader, "readings", "picture.csv", b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe" * 20)
    job = models.Job.objects.latest("id")
    assert job.state == models.FAILED
    assert job.refused_en in text_of(reader.get(where)).replace("&#x27;", "'").replace("&quot;", '"')
    assert job.refused_zh


def test_only_tables_can_be_uploaded(town: Town, enter: Enter) -> None:
    reader = enter("reader")
    reader.post("/office/imports", {"kind": "readings", "file": SimpleUploadedFile("run.exe", b"MZ")})
    reader.post("/office/imports", {"kind": "readings"})
    reader.post("/office/imports", {"kind": "everything", "file": SimpleUploadedFile("a.csv", b"a")})
    assert not models.Job.objects.filter(kind="import").exists()


def test_a_name_does_not_lead_out_of_the_folder(town: Town, enter: Enter) -> None:
    upload(enter("reader"), "readings", "..\\..\\evil.csv", READINGS.encode())
    path = (home() / models.Job.objects.latest("id").asked["path"]).resolve()
    assert path.is_relative_to(home() / "imports")


def test_a_reader_does_not_import_customers_and_an_officer_does(town: Town, enter: Enter) -> None:
    head = "户名,用电地址,责任区,用电类别,电价,立户日期\n"
    file = f"{head}郑新,湖滨路99号,A1,居民,cn-shandong-residential,2026-11-01\n".encode()
    form = {"kind": "customers", "file": SimpleUploadedFile("new.csv", file)}
    assert enter("reader").post("/office/imports", form).status_code == 403
    officer = enter("billing")
    tried = upload(officer, "customers", "new.csv", file)
    where = str(officer.post(f"{tried}/confirm").headers["Location"])
    jobs.do(int(where.rsplit("/", 1)[1]))
    assert officer.get("/office/customers?q=郑新").status_code == 302


def test_nobody_confirms_what_another_has_tried(town: Town, enter: Enter) -> None:
    tried = upload(enter("reader"), "readings", "a.csv", READINGS.encode())
    assert enter("billing").post(f"{tried}/confirm").status_code == 404
