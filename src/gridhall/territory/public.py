"""Territory for the other rooms: who answers where, and where customers are served."""

from gridhall.territory.acts import hand_over, register_territory
from gridhall.territory.queries import (
    area,
    areas,
    districts,
    history,
    outlets,
    responsible,
    responsible_on,
    station_of_area,
    stations,
    unit,
    units,
)
from gridhall.territory.views import Area, District, Outlet, Responsible, Station, TerritorySeed, Unit

__all__ = [
    "Area",
    "District",
    "Outlet",
    "Responsible",
    "Station",
    "TerritorySeed",
    "Unit",
    "area",
    "areas",
    "districts",
    "hand_over",
    "history",
    "outlets",
    "register_territory",
    "responsible",
    "responsible_on",
    "station_of_area",
    "stations",
    "unit",
    "units",
]
