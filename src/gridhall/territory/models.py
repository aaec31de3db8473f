"""District → supply station → area of responsibility, with outlets; and the accounting units (核算单元)."""

from django.db import models


class District(models.Model):
    code = models.CharField(max_length=16, unique=True)
    name_en = models.CharField(max_length=80)
    name_zh = models.CharField(max_length=80)


class AccountingUnit(models.Model):
    """核算单元: purchases, sales, losses and collections are balanced here. The id is in every big table."""

    id = models.IntegerField(primary_key=True)
    code = models.CharField(max_length=16, unique=True)
    name_en = models.CharField(max_length=80)
    name_zh = models.CharField(max_length=80)


class Station(models.Model):
    """Supply station (供电所) or community service station (社区服务所)."""

    district = models.ForeignKey(District, on_delete=models.PROTECT)
    unit = models.ForeignKey(AccountingUnit, on_delete=models.PROTECT)
    code = models.CharField(max_length=16, unique=True)
    name_en = models.CharField(max_length=80)
    name_zh = models.CharField(max_length=80)
    phone = models.CharField(max_length=32, blank=True)
    address_en = models.CharField(max_length=200, blank=True)
    address_zh = models.CharField(max_length=200, blank=True)


class Area(models.Model):
    """Area of responsibility (责任区). The id is in every big table."""

    id = models.IntegerField(primary_key=True)
    station = models.ForeignKey(Station, on_delete=models.PROTECT)
    code = models.CharField(max_length=24, unique=True)
    name_en = models.CharField(max_length=80)
    name_zh = models.CharField(max_length=80)


class AreaResponsibility(models.Model):
    """Who answers for an area, from when until when (open while null). History is kept."""

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="responsibilities")
    person_en = models.CharField(max_length=80)
    person_zh = models.CharField(max_length=80)
    phone = models.CharField(max_length=32, blank=True)
    since = models.DateField()
    until = models.DateField(null=True)


class Outlet(models.Model):
    """A place where customers are served: hall, bank branch, newsstand, night shop, machine."""

    code = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=24)
    unit = models.ForeignKey(AccountingUnit, on_delete=models.PROTECT)
    name_en = models.CharField(max_length=80)
    name_zh = models.CharField(max_length=80)
    address_en = models.CharField(max_length=200, blank=True)
    address_zh = models.CharField(max_length=200, blank=True)
    hours = models.CharField(max_length=80, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)


SOURCE_MOST = 120  # characters of where a temperature is from


class Temperature(models.Model):
    """Mean temperature of a day in a district, tenths of a degree Celsius, and where it is from."""

    pk = models.CompositePrimaryKey("district_code", "on")
    district_code = models.CharField(max_length=16)
    on = models.DateField()
    mean_tenths = models.SmallIntegerField()
    source = models.CharField(max_length=SOURCE_MOST)

    class Meta:
        db_table = "territory_temperature"
