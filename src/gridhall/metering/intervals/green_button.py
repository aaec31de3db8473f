"""Interval data from Green Button files (ESPI, NAESB REQ.21): an Atom feed of usage points, reading types and blocks.

A file is read twice, entry by entry, and nothing of it is kept but what the blocks need: which reading is of which
type. Element names are taken without their namespace, as suppliers write several. Energy is real energy (uom 72, Wh) or
reactive (uom 73, varh) delivered as differences; everything else is refused by name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from lxml import etree

from gridhall.kernel.refusal import Refusal
from gridhall.metering.intervals.delivery import (
    Deliveries,
    Gathering,
    Refused,
    check_day,
    check_minutes,
    refuse,
    whole_wh,
)
from gridhall.metering.models import REACTIVE, TOTAL
from gridhall.rules.interval_use import ESTIMATED, MEASURED, SUSPECT

REGISTER_OF_UNIT = {72: TOTAL, 73: REACTIVE}
DELTA = (0, 4)  # accumulation behaviours: none stated, delta data
FORWARD = 1
ESTIMATES = (8, 9, 12)  # ReadingQuality: by a reference day, by a straight line, projected
DOUBTS = (10, 13, 14)  # questionable, mixed, raw
POWERS_MOST = 12
ENTRIES_MOST = 100_000  # of kinds other than blocks, which have to be remembered


@dataclass(frozen=True)
class _Type:
    """A reading type: what is counted, its power of ten, and seconds of a step (0 where it says none)."""

    unit: int
    power: int
    seconds: int
    accumulation: int
    direction: int


@dataclass
class _Links:
    """How entries hang together, by their addresses; those of readings without a slash at their end."""

    types: dict[str, _Type] = field(default_factory=dict)
    type_of_reading: dict[str, str] = field(default_factory=dict)


def read_green_button(
    path: Path, zone: tzinfo, today: date, meters: Mapping[str, str], refused: Refused
) -> Deliveries:  # fmt: skip
    """The register-days of a file. `meters`: usage point (last part of its address, or "" for all) → serial.

    Refuses as a whole: not_xml, dtd_refused, no_rows. Readings that cannot be taken go to `refused` by their place.
    """
    links = _Links()
    for kind, entry in _entries(path):
        if kind != "IntervalBlock":
            _remember(kind, entry, links)
    gathering = Gathering(zone)
    count = 0
    for kind, entry in _entries(path):
        if kind != "IntervalBlock":
            continue
        for block in _all(entry, "IntervalBlock"):
            count = _take_block(gathering, entry, block, links, meters, today, refused, count)
            if gathering.full:
                yield from _taken(gathering)
    if not count:
        raise refuse("no_rows", "The file holds no interval readings.", "文件中没有区间读数。", "file", path.name)
    yield from _taken(gathering)


def _taken(gathering: Gathering) -> Deliveries:
    piece = gathering.take()
    if piece is not None:
        yield piece


def _entries(path: Path) -> Iterator[tuple[str, Any]]:
    """(what it holds, entry) of each entry; an entry is let go when the next is asked for."""
    try:
        # no DTD is loaded, no entity is resolved and nothing is fetched; a file that brings a DTD is refused outright
        walk = etree.iterparse(
            str(path), events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False,
            dtd_validation=False, huge_tree=False, remove_comments=True, remove_pis=True,
        )  # fmt: skip
        first = True
        for event, element in walk:
            if first:
                _refuse_dtd(element, path)
                first = False
            if event == "end" and _name(element) == "entry":
                kind = next((_name(each) for content in _all(element, "content") for each in content), "")
                yield kind, element
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise refuse(
            "not_xml", f"This is no whole XML file: {error.msg}", "不是完整的 XML 文件。", "file", path.name
        ) from error


def _refuse_dtd(element: Any, path: Path) -> None:
    if element.getroottree().docinfo.doctype:
        raise refuse(
            "dtd_refused", "The file brings a document type of its own; Green Button has none.",
            "文件自带文档类型声明（DTD），Green Button 文件不应包含。", "file", path.name,
        )  # fmt: skip


def _name(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _all(element: Any, name: str) -> list[Any]:
    return [each for each in element.iter() if _name(each) == name]


def _number(element: Any, name: str, usual: int) -> int:
    for each in _all(element, name):
        text = (each.text or "").strip()
        if not text:
            return usual
        try:
            value = int(text)
        except ValueError:
            raise refuse("not_a_number", "This is no whole number.", "不是整数。", name, text) from None
        if abs(value) >= 1 << 62:
            raise refuse("too_many_digits", "More digits than any register has.", "位数过多。", name, text)
        return value
    return usual


def _link(entry: Any, relation: str) -> list[str]:
    return [each.get("href", "") for each in _all(entry, "link") if each.get("rel") == relation]


def _remember(kind: str, entry: Any, links: _Links) -> None:
    if len(links.types) + len(links.type_of_reading) > ENTRIES_MOST:
        raise refuse("too_large", f"More than {ENTRIES_MOST} meter readings in one file.", "文件过大。", "file", "")
    if kind == "ReadingType":
        found = _Type(
            _number(entry, "uom", 0), _number(entry, "powerOfTenMultiplier", 0), _number(entry, "intervalLength", 0),
            _number(entry, "accumulationBehaviour", 0), _number(entry, "flowDirection", FORWARD),
        )  # fmt: skip
        for address in _link(entry, "self"):
            links.types[address] = found
    elif kind == "MeterReading":
        for address in _link(entry, "self"):
            for related in _link(entry, "related"):
                if "ReadingType" in related:
                    links.type_of_reading[address.rstrip("/")] = related


def _usage_point(address: str) -> str:
    """The id of the usage point in …/UsagePoint/5/MeterReading/1/IntervalBlock."""
    parts = address.strip("/").split("/")
    for k, part in enumerate(parts[:-1]):
        if part == "UsagePoint":
            return parts[k + 1]
    return ""


def _take_block(
    gathering: Gathering, entry: Any, block: Any, links: _Links, meters: Mapping[str, str], today: date,
    refused: Refused, count: int,
) -> int:  # fmt: skip
    """Take the readings of a block; returns how many readings of the file were seen so far."""
    readings = [each for each in block if _name(each) == "IntervalReading"]
    try:
        address = next(iter(_link(entry, "up") + _link(entry, "self")), "")
        kind = _type_of(address, links)
        tou = _register(kind)
        point = _usage_point(address)
        serial = meters.get(point) or meters.get("") or point
        if not serial:
            raise refuse("unknown_meter", "The block names no usage point.", "数据块未指明用电点。", "meter", address)
    except Refusal as refusal:
        refusal.row = count + 1
        refused.add(refusal)
        return count + len(readings)
    for reading in readings:
        count += 1
        try:
            _take_reading(gathering, reading, kind, serial, tou, today, count)
        except Refusal as refusal:
            refusal.row = count
            refused.add(refusal)
    return count


def _type_of(address: str, links: _Links) -> _Type:
    """The type of the meter reading that an address of blocks lies under; the only one there is where none is named."""
    reading = address.partition("/IntervalBlock")[0].rstrip("/")
    told = links.types.get(links.type_of_reading.get(reading, ""))
    if told is not None:
        return told
    if len(set(links.types.values())) == 1:
        return next(iter(links.types.values()))
    raise refuse(
        "unknown_type", "No reading type is named for this block.", "数据块没有对应的读数类型。", "uom", address
    )


def _register(kind: _Type) -> int:
    if kind.unit not in REGISTER_OF_UNIT:
        raise refuse(
            "unknown_unit", "Only Wh (uom 72) and varh (uom 73) are taken.", "只接受 Wh（72）与 varh（73）。",
            "uom", str(kind.unit),
        )  # fmt: skip
    if kind.accumulation not in DELTA:
        raise refuse(
            "not_delta", "The values are not the energy of each step (accumulation behaviour 4).",
            "数值不是各时段电量（accumulationBehaviour 4）。", "accumulationBehaviour", str(kind.accumulation),
        )  # fmt: skip
    if kind.direction not in (0, FORWARD):
        raise refuse(
            "not_forward", "Energy fed in needs a register of its own.", "上网电量须有单独的计量示数。",
            "flowDirection", str(kind.direction),
        )  # fmt: skip
    if abs(kind.power) > POWERS_MOST:
        raise refuse("bad_multiplier", "No such power of ten.", "倍率无效。", "powerOfTenMultiplier", str(kind.power))
    return REGISTER_OF_UNIT[kind.unit]


def _take_reading(
    gathering: Gathering, reading: Any, kind: _Type, serial: str, tou: int, today: date, row: int
) -> None:  # fmt: skip
    seconds = _number(reading, "duration", kind.seconds)
    if seconds % 60 or seconds <= 0:
        raise refuse("bad_step", "A step is whole minutes.", "时段长度应为整分钟。", "duration", str(seconds))
    minutes = check_minutes(seconds // 60)
    start = _number(reading, "start", -1)
    if not 0 <= start < 1 << 34:
        raise refuse("bad_time", "The step does not say when it begins.", "缺少时段开始时间。", "start", str(start))
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=start)
    check_day(moment.astimezone(gathering.zone).toordinal(), today, row)
    value = _number(reading, "value", -(1 << 62))
    if value == -(1 << 62):
        return  # a step without a value is missing
    if value < 0:
        raise refuse("negative_value", "The value is negative.", "数值为负。", "value", str(value))
    power = kind.power
    wh = whole_wh(value * 10**power, 0, "wh", row) if power >= 0 else whole_wh(value, -power, "wh", row)
    gathering.put_at(serial, tou, moment, minutes, wh, _quality(reading), row)


def _quality(reading: Any) -> int:
    told = _number(reading, "quality", 0)
    if told in ESTIMATES:
        return ESTIMATED
    return MEASURED | SUSPECT if told in DOUBTS else MEASURED
