"""No foreign key points up: a room's tables know only the floors below (the import contract, for models)."""

from django.apps import apps

FLOORS = [
    {"kernel", "auth", "contenttypes", "sessions"},
    {"territory"},
    {"customers"},
    {"metering", "tariffs"},
    {"ledger"},
    {"payments"},
    {"billing"},
    {"debits", "cards"},
    {"notices"},
]
FLOOR_OF = {label: height for height, labels in enumerate(FLOORS) for label in labels}


def test_no_foreign_key_points_up() -> None:
    wrong = []
    for model in apps.get_models():
        own = model._meta.app_label
        if not model.__module__.startswith("gridhall."):
            continue
        for field in model._meta.get_fields():
            if not getattr(field, "concrete", False) or field.related_model is None:
                continue
            target = field.related_model._meta.app_label
            same_floor_other_room = FLOOR_OF[target] == FLOOR_OF[own] and target != own and own != "kernel"
            if FLOOR_OF[target] > FLOOR_OF[own] or same_floor_other_room:
                wrong.append(f"{own}.{model.__name__}.{field.name} -> {target}")
    assert not wrong, wrong


def test_every_room_stands_on_a_floor() -> None:
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("gridhall.")}
    doors = {"look", "portal", "office", "api"}
    assert ours - doors <= set(FLOOR_OF)
