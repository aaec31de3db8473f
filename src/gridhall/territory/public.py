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
from gridhall.territory.weather import DayMean, record_temperatures, temperatures

__all__ = [
    "Area",
    "DayMean",
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
    "record_temperatures",
    "register_territory",
    "responsible",
    "responsible_on",
    "station_of_area",
    "stations",
    "temperatures",
    "unit",
    "units",
]
