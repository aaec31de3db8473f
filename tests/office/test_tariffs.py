"""The tariff officer's screens: drafted with faults at their line, tried, sent, decided by another, compared."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gridhall.doors.office import jobs, models
from gridhall.tariffs.models import TariffVersion
from tests.office.conftest import Enter, text_of
from tests.office.town import TARIFF, Town

QUERIES_MOST = 12
# The first block is 0.05 cheaper: 0.4969.
DRAFT = """tariff: cn-shandong-residential
name: {zh: 山东居民, en: Shandong residential}
currency: CNY
source: made up
policy:
  zh: "**便宜五分**"
  en: "Five fen cheaper, says [the notice](https://example.org/n). <script>x</script>"
for: {class: residential, meter: own, place: Shandong}
versions:
  - from: 2027-01-01  # a comment that is kept
    rounding: once per bill, half up, to 0.01
    energy:
      - price per kWh: [0.4969, 0.5969, 0.8469]
        name: {zh: 居民阶梯电费, en: Energy by yearly blocks}
        blocks: {count: the year's kWh, limits: [210 a month, 400 a month]}
    examples:
      - {title: a hundred, month: 2027-02, kWh: 100, bill: 49.69}
"""


def test_from_a_draft_to_its_first_day(town: Town, enter: Enter) -> None:
    """The billing officer writes it with a slip, puts it right, tries it on a customer, sends it; he cannot approve it;
    the manager sends it back with a reason, then approves it."""
    billing, manager = enter("billing"), enter("manager")
    wrong = DRAFT.replace("rounding: once per bill", "rounding: now and then")
    said = text_of(billing.post("/office/tariffs/new", {"text": wrong, "do": "keep"}))
    assert f"Line {DRAFT.splitlines().index('    rounding: once per bill, half up, to 0.01') + 1}" in said
    assert "a comment that is kept" in said
    assert "The book is right" in text_of(billing.post("/office/tariffs/new", {"text": DRAFT, "do": "check"}))
    assert not TariffVersion.objects.filter(state="draft").exists()
    kept = billing.post("/office/tariffs/new", {"text": DRAFT, "do": "keep"})
    version = TariffVersion.objects.get(state="draft")
    at = f"/office/tariffs/{TARIFF}/{version.pk}"
    assert kept.headers["Location"] == at
    assert version.book == DRAFT

    # September: 200 kWh in the first block, 109.38 (200 × 0.5469) → 99.38 (200 × 0.4969)
    tried = text_of(billing.get(f"{at}/try", {"numbers": town.numbers[town.lake[0]], "month": "2026-09"}))
    assert "109.38" in tried
    assert "99.38" in tried
    assert "a hundred" in tried  # the book's own example
    assert "Energy by yearly blocks" in tried
    area = text_of(billing.get(f"{at}/try", {"area": "10201", "month": "2026-09"}))
    assert "− ¥ 40.00" in area  # four homes

    billing.post(f"{at}/send")
    assert "waits for another person" in text_of(billing.get(at))
    billing.post(f"{at}/approve")
    assert TariffVersion.objects.get(pk=version.pk).state == "sent"
    manager.post(f"{at}/reject", {"reason": "say whom it is for"})
    assert "say whom it is for" in text_of(billing.get(at))
    billing.post(f"{at}/edit", {"text": DRAFT.replace("Five fen", "For homes: five fen"), "do": "keep"})
    billing.post(f"{at}/send")
    assert "What comes next" in text_of(manager.get(at))
    manager.post(f"{at}/approve")
    assert "to come" in text_of(manager.get(at))
    assert "in force" in text_of(manager.get(f"/office/tariffs/{TARIFF}"))


def test_the_policy_is_shown_safely(town: Town, enter: Enter) -> None:
    billing = enter("billing")
    billing.post("/office/tariffs/new", {"text": DRAFT, "do": "keep"})
    version = TariffVersion.objects.get(state="draft")
    page = text_of(billing.get(f"/office/tariffs/{TARIFF}/{version.pk}"))
    assert "<strong>便宜五分</strong>" in page
    assert '<a href="https://example.org/n" rel="noopener noreferrer">the notice</a>' in page
    assert "&lt;script&gt;x&lt;/script&gt;" in page


def test_versions_side_by_side(town: Town, enter: Enter) -> None:
    billing = enter("billing")
    billing.post("/office/tariffs/new", {"text": DRAFT, "do": "keep"})
    version = TariffVersion.objects.get(state="draft")
    page = text_of(billing.get(f"/office/tariffs/{TARIFF}/{version.pk}/compare"))
    assert "0.5469" in page
    assert "0.4969" in page
    assert "-9.2" in page or "−9.2" in page  # 0.05 / 0.5469
    assert "Free energy" in page  # is gone
    assert "# a comment that is kept" in page


def test_what_it_does_to_everybody(town: Town, enter: Enter) -> None:
    """September's ten bills (two have none yet? no: all were billed): each pays 10.00 less."""
    billing = enter("billing")
    billing.post("/office/tariffs/new", {"text": DRAFT, "do": "keep"})
    version = TariffVersion.objects.get(state="draft")
    at = f"/office/tariffs/{TARIFF}/{version.pk}"
    asked = billing.post(f"{at}/what-if", {"month": "2026-09", "months": "12"})
    job = models.Job.objects.latest("id")
    assert asked.headers["Location"] == f"/office/jobs/{job.pk}"
    jobs.do(job.pk)
    job.refresh_from_db()
    assert job.state == models.DONE, job.refused_en
    assert (job.result["customers"], job.result["winners"], job.result["change"]) == (10, 10, -20_000)
    page = billing.get(f"/office/tariffs/what-if/{job.pk}")
    said = text_of(page)
    assert "− ¥ 200.00" in said
    assert "Lake one" in said
    file = b"".join(billing.get(f"/office/jobs/{job.pk}/file").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert len(file.strip().splitlines()) == 11
    areas = billing.get(f"/office/tariffs/what-if/{job.pk}/areas.csv").content.decode("utf-8-sig").splitlines()
    # Lake one: six homes, ten less each month; Hill: four
    assert [line.split(",")[2:5] + line.split(",")[7:] for line in areas[1:]] == [
        ["6", "6", "0", "-120.00"], ["4", "4", "0", "-80.00"],
    ]  # fmt: skip
    assert billing.post(f"{at}/what-if", {"month": "nonsense"}).headers["Location"] == at


def test_no_page_asks_the_database_much(town: Town, enter: Enter) -> None:
    billing = enter("billing")
    billing.post("/office/tariffs/new", {"text": DRAFT, "do": "keep"})
    version = TariffVersion.objects.get(state="draft")
    at = f"/office/tariffs/{TARIFF}/{version.pk}"
    numbers = " ".join(town.numbers.values())
    pages = ("/office/tariffs", at, f"{at}/edit", f"{at}/compare", f"{at}/try?numbers={numbers}&month=2026-09")
    counts = {}
    for page in pages:
        billing.get(page)
        with CaptureQueriesContext(connection) as asked:
            assert billing.get(page).status_code == 200
        counts[page] = len(asked)
    assert max(counts.values()) <= QUERIES_MOST, counts


def test_what_cannot_be_tried_is_said_at_its_field(town: Town, enter: Enter) -> None:
    """A month that is none, an area beyond all numbers, of another unit, negative: nothing else is tried instead."""
    billing = enter("billing")
    billing.post("/office/tariffs/new", {"text": DRAFT, "do": "keep"})
    at = f"/office/tariffs/{TARIFF}/{TariffVersion.objects.get(state='draft').pk}/try"
    for month, area, says in (
        ("2026-13", "10101", "This is not a month"),
        ("2026-09", "9" * 30, "There is no such area among yours."),
        ("2026-09", "-5", "There is no such area among yours."),
    ):
        answer = billing.get(at, {"month": month, "area": area})
        assert answer.status_code == 200
        assert says in text_of(answer)
        assert "As billed" not in text_of(answer)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_a_book_from_a_file_as_offices_write_it(town: Town, enter: Enter, encoding: str) -> None:
    """What the command line reads, the office reads: no sign of a Chinese name is lost."""
    file = SimpleUploadedFile("book.yaml", DRAFT.replace("\n", "\r\n").encode(encoding))
    enter("billing").post("/office/tariffs/new", {"file": file, "do": "keep"})
    assert TariffVersion.objects.get(state="draft").book == DRAFT


def test_a_file_that_is_no_text_is_refused_in_the_readers_language(town: Town, enter: Enter) -> None:
    billing = enter("billing")
    file = SimpleUploadedFile("book.yaml", bytes(range(256)))
    assert "book.yaml is no text" in text_of(billing.post("/office/tariffs/new", {"file": file, "do": "keep"}))
    assert not TariffVersion.objects.filter(state="draft").exists()


def test_a_trial_names_what_no_bill_tells(town: Town, enter: Enter) -> None:
    """A demand charge counts as nothing on bills without a demand; that is said beside the figures."""
    billing = enter("billing")
    demand = "    demand: [{price per kW a month: 20, billed: measured, divided: once a bill}]\n    examples:"
    billing.post("/office/tariffs/new", {"text": DRAFT.replace("    examples:", demand), "do": "keep"})
    at = f"/office/tariffs/{TARIFF}/{TariffVersion.objects.get(state='draft').pk}"
    tried = text_of(billing.get(f"{at}/try", {"numbers": town.numbers[town.lake[0]], "month": "2026-09"}))
    assert "charges by what none of these bills tells: the highest demand." in tried
