"""What the three kinds of file hold: columns with the names people give them, and how each row is understood."""

from collections.abc import Callable, Mapping
from typing import Any

from gridhall.metering import models
from gridhall.metering.importing import fields
from gridhall.metering.importing.table import Column

TOU = {
    "": models.TOTAL, "总": models.TOTAL, "有功总": models.TOTAL, "正向有功总": models.TOTAL, "total": models.TOTAL,
    "尖": models.SHARP, "尖峰": models.SHARP, "sharp": models.SHARP, "峰": models.PEAK, "peak": models.PEAK,
    "平": models.FLAT, "flat": models.FLAT, "谷": models.VALLEY, "valley": models.VALLEY, "无功": models.REACTIVE,
    "无功总": models.REACTIVE, "reactive": models.REACTIVE, "需量": models.DEMAND, "最大需量": models.DEMAND,
    "demand": models.DEMAND, "深谷": models.DEEP_VALLEY, "deep valley": models.DEEP_VALLEY,
    "尖需量": models.DEMAND_SHARP, "sharp demand": models.DEMAND_SHARP, "峰需量": models.DEMAND_PEAK,
    "peak demand": models.DEMAND_PEAK, "平需量": models.DEMAND_FLAT, "flat demand": models.DEMAND_FLAT,
    "谷需量": models.DEMAND_VALLEY, "valley demand": models.DEMAND_VALLEY, "深谷需量": models.DEMAND_DEEP,
    "deep valley demand": models.DEMAND_DEEP, "反向有功总": models.EXPORT, "上网": models.EXPORT,
    "export": models.EXPORT, "反向尖": models.EXPORT_SHARP, "sharp export": models.EXPORT_SHARP,
    "反向峰": models.EXPORT_PEAK, "peak export": models.EXPORT_PEAK, "反向平": models.EXPORT_FLAT,
    "flat export": models.EXPORT_FLAT, "反向谷": models.EXPORT_VALLEY, "valley export": models.EXPORT_VALLEY,
    "反向深谷": models.EXPORT_DEEP, "deep valley export": models.EXPORT_DEEP,
    "反向无功": models.REACTIVE_EXPORT, "反向无功总": models.REACTIVE_EXPORT,
    "reactive export": models.REACTIVE_EXPORT, **{str(code): code for code in range(models.LAST_TOU + 1)},
}  # fmt: skip
KINDS = {
    "": models.ACTUAL, "实抄": models.ACTUAL, "actual": models.ACTUAL, "估抄": models.ESTIMATED,
    "estimated": models.ESTIMATED, "自报": models.CUSTOMER_READ, "用户自报": models.CUSTOMER_READ,
    "customer": models.CUSTOMER_READ,
}  # fmt: skip
PHASES = {"": 1, "1": 1, "单相": 1, "single": 1, "3": 3, "三相": 3, "three": 3}
CLASSES = {
    "居民": 1, "居民生活": 1, "residential": 1, "商业": 2, "一般工商业": 2, "工商业": 2, "commercial": 2, "工业": 3,
    "大工业": 3, "industrial": 3, "1": 1, "2": 2, "3": 3,
}  # fmt: skip

READINGS = (
    Column("serial", ("表号", "电表号", "资产编号", "meter", "meter number", "meter serial"), required=True),
    Column("value", ("示数", "本次示数", "表码", "读数", "reading", "register value"), required=True),
    Column("read_on", ("抄表日期", "抄表日", "日期", "read date", "reading date", "date"), required=True),
    Column("account", ("户号", "客户编号", "account number", "customer number")),
    Column("tou", ("示数类型", "时段", "register", "time of use")),
    Column("period", ("账期", "电费年月", "年月", "billing month", "month")),
    Column("kind", ("抄表方式", "how", "reading kind")),
)
METERS = (
    Column("serial", ("表号", "电表号", "资产编号", "meter", "meter number", "meter serial"), required=True),
    Column("account", ("户号", "客户编号", "account number", "customer number"), required=True),
    Column("since", ("装表日期", "安装日期", "installed on", "installed"), required=True),
    Column("value", ("装表示数", "起码", "示数", "first value", "initial reading")),
    Column("tou", ("示数类型", "时段", "register", "time of use")),
    Column("digits", ("整数位", "整数位数")),
    Column("decimals", ("小数位", "小数位数")),
    Column("multiplier", ("倍率", "综合倍率", "factor")),
    Column("model", ("型号", "meter type")),
    Column("phases", ("相数",)),
)
CUSTOMERS = (
    Column("name", ("户名", "客户名称", "customer", "customer name"), required=True),
    Column("address", ("用电地址", "地址", "premise"), required=True),
    Column("area", ("责任区", "责任区编码", "area code"), required=True),
    Column("class", ("用电类别", "类别", "customer class"), required=True),
    Column("tariff", ("电价", "电价编码", "tariff code"), required=True),
    Column("since", ("立户日期", "用电日期", "开户日期", "supplied since"), required=True),
    Column("account", ("户号", "客户编号", "account number", "number")),
    Column("kind", ("客户类型", "person or organisation")),
    Column("phone", ("电话", "手机", "联系电话", "telephone")),
    Column("email", ("邮箱", "电子邮箱", "e-mail")),
    Column("language", ("语言",)),
    Column("longitude", ("经度",)),
    Column("latitude", ("纬度",)),
    Column("voltage", ("电压等级", "电压", "voltage level")),
    Column("capacity_kva", ("合同容量", "容量", "capacity")),
    Column("contract_kw", ("核定需量", "contract demand")),
    Column("power_factor", ("功率因数标准", "power factor standard")),
    Column("persons", ("人口", "人口数", "household size")),
    Column("allowance_kwh", ("免费电量", "free energy")),
    Column("sub_supply_percent", ("定比", "定比比例", "sub-supply share")),
    Column("sub_supply_kwh", ("定量", "定量电量", "sub-supply energy")),
)

# Columns by the names that the acts have for what stands in them, where these are others.
COLUMN_OF = {
    "account_id": "account", "number": "account", "area_id": "area", "class_code": "class", "tariff_code": "tariff",
    "longitude_millionths": "longitude", "latitude_millionths": "latitude", "capacity_va": "capacity_kva",
    "contract_w": "contract_kw", "power_factor_standard": "power_factor", "allowance_wh": "allowance_kwh",
    "sub_share": "sub_supply_percent", "sub_wh": "sub_supply_kwh",
}  # fmt: skip

Row = Mapping[str, str]


def number_text(field: str, text: str) -> str:
    """A number that is a name (of a meter, of an account). Refuses what Excel has shortened."""
    plain = fields.clean(field, text)
    if fields.is_scientific(plain):
        raise fields.refuse(
            "scientific_notation", "Excel has shortened this number; format the column as text.",
            "Excel 已将编号转为科学计数，请将该列设为文本格式。", field, text,
        )  # fmt: skip
    return plain


def _optional(parse: Callable[[str, str], Any], default: Any) -> Callable[[str, str], Any]:
    return lambda field, text: parse(field, text) if text.strip() else default


def _one_of(choices: dict[str, int]) -> Callable[[str, str], int]:
    return lambda field, text: fields.choice(field, text, choices)


def _language(field: str, text: str) -> str:
    words = {"": 0, "zh": 0, "中文": 0, "en": 1, "英文": 1, "english": 1}
    return ("zh", "en")[fields.choice(field, text, words)]


def _customer_kind(field: str, text: str) -> str:
    words = {"": 0, "个人": 0, "person": 0, "单位": 1, "企业": 1, "organisation": 1, "organization": 1}
    return ("person", "organisation")[fields.choice(field, text, words)]


def _kilo(field: str, text: str) -> int:
    return fields.scaled(field, text, 3)


def _millionths(field: str, text: str) -> int:
    value = fields.signed(field, text, 6)
    if abs(value) > 180_000_000:
        raise fields.refuse(
            "not_on_earth", "No such place; write degrees.", "经纬度超出范围，请以度为单位。", field, text
        )
    return value


# How each field of a kind is understood; a field that the file does not have is read as an empty one.
READ: dict[str, Callable[[str, str], Any]] = {
    "serial": number_text,
    "value": fields.decimal,
    "read_on": fields.day,
    "account": number_text,
    "tou": _one_of(TOU),
    "period": _optional(fields.period, 0),
    "kind": _one_of(KINDS),
}
HANG: dict[str, Callable[[str, str], Any]] = {
    "serial": number_text,
    "account": number_text,
    "since": fields.day,
    "value": _optional(fields.decimal, (0, 0)),
    "tou": _one_of(TOU),
    "digits": _optional(fields.whole, 6),
    "decimals": _optional(fields.whole, 2),
    "multiplier": _optional(fields.whole, 1),
    "model": fields.clean,
    "phases": _one_of(PHASES),
}
OPEN: dict[str, Callable[[str, str], Any]] = {
    "name": fields.clean,
    "address": fields.clean,
    "area": number_text,
    "class": _one_of(CLASSES),
    "tariff": fields.clean,
    "since": fields.day,
    "account": number_text,
    "kind": _customer_kind,
    "phone": number_text,
    "email": fields.clean,
    "language": _language,
    "longitude": _optional(_millionths, 0),
    "latitude": _optional(_millionths, 0),
    "voltage": _optional(fields.clean, "<1kV"),
    "capacity_kva": _optional(_kilo, 0),
    "contract_kw": _optional(_kilo, 0),
    "power_factor": _optional(lambda field, text: fields.scaled(field, text, 2), 0),
    "persons": _optional(fields.whole, 0),
    "allowance_kwh": _optional(_kilo, 0),
    "sub_supply_percent": _optional(lambda field, text: fields.scaled(field, text, 2), 0),
    "sub_supply_kwh": _optional(_kilo, 0),
}
