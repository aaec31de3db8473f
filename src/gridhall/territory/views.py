"""What territory tells and takes: frozen values."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class District:
    code: str
    name_en: str
    name_zh: str


@dataclass(frozen=True)
class Unit:
    """An accounting unit (核算单元)."""

    id: int
    code: str
    name_en: str
    name_zh: str


@dataclass(frozen=True)
class Station:
    """A supply station (供电所) or community service station (社区服务所); it belongs to one unit and one district."""

    code: str
    district_code: str
    unit_id: int
    name_en: str
    name_zh: str
    phone: str = ""
    address_en: str = ""
    address_zh: str = ""


@dataclass(frozen=True)
class Area:
    """An area of responsibility (责任区) of a station."""

    id: int
    code: str
    station_code: str
    unit_id: int
    name_en: str
    name_zh: str


@dataclass(frozen=True)
class Responsible:
    """Who answers for an area from `since` (included) to `until` (excluded; None while open)."""

    area_id: int
    person_en: str
    person_zh: str
    phone: str
    since: date
    until: date | None = None


@dataclass(frozen=True)
class Outlet:
    """A place where customers are served. `kind`: hall | bank | newsstand | night_shop | machine.

    Longitude and latitude are millionths of a degree (whole numbers); 0, 0 where unknown. `id` is 0 in a seed.
    """

    code: str
    kind: str
    unit_id: int
    name_en: str
    name_zh: str
    address_en: str = ""
    address_zh: str = ""
    hours: str = ""
    longitude_millionths: int = 0
    latitude_millionths: int = 0
    id: int = 0


@dataclass(frozen=True)
class TerritorySeed:
    """A batch of new territory: what is in it is added; codes and ids must be new."""

    districts: tuple[District, ...] = ()
    units: tuple[Unit, ...] = ()
    stations: tuple[Station, ...] = ()
    areas: tuple[Area, ...] = ()
    responsible: tuple[Responsible, ...] = ()
    outlets: tuple[Outlet, ...] = field(default=())
