"""The map of areas: true distances, discs whose surface is the figure, no two labels on one another."""

from gridhall.doors.look.area_map import LABEL_HIGH, LABEL_WIDE, MARGIN, MOST_PX, AreaMap, Spot, draw

LAKE = (113_900_000, 30_600_000)


def drawn(*spots: tuple[str, int, int, int]) -> AreaMap:
    """Spots as (name, millionths east of the lake, north of it, value)."""
    made = draw("by area", "less", "more", [Spot(n, LAKE[0] + e, LAKE[1] + u, v, str(v)) for n, e, u, v in spots])
    assert made is not None
    return made


def number(text: str) -> float:
    return float(text.rstrip("%"))


def test_north_is_above_east_is_right_and_all_is_within() -> None:
    made = {disc.spot.name: disc for disc in drawn(("sw", 0, 0, 1), ("ne", 90_000, 40_000, 1)).discs}
    assert number(made["ne"].x) > number(made["sw"].x)
    assert number(made["ne"].y) < number(made["sw"].y)
    for disc in made.values():
        for place in (number(disc.x), number(disc.y)):
            assert MARGIN - 0.01 <= place <= 100 - MARGIN + 0.01


def test_the_surface_is_what_the_area_stands_for_and_the_colour_says_less_or_more() -> None:
    """400 against 100: twice the radius beyond the least (4): 4 + 22 = 26 and 4 + 11 = 15."""
    big, small, none = drawn(("big", 0, 0, -400), ("small", 50_000, 0, 100), ("none", 99_000, 0, 0)).discs
    assert (big.radius, small.radius, none.radius) == (f"{MOST_PX:.1f}", "15.0", "4.0")
    assert (big.colour, small.colour, none.colour) == ("good", "cost", "quiet")


def test_labels_keep_apart_and_the_larger_is_named() -> None:
    made = drawn(("big", 0, 0, 9), ("beside", 500, 0, 5), ("far", 90_000, 0, 1)).discs
    assert [disc.spot.name for disc in made if disc.labelled] == ["big", "far"]
    (a, b) = (disc for disc in made if disc.labelled)
    apart = (abs(number(a.x) - number(b.x)), abs(number(a.y) - number(b.y)))
    assert apart[0] >= LABEL_WIDE or apart[1] >= LABEL_HIGH


def test_areas_in_one_spot_and_a_single_area() -> None:
    assert [disc.x for disc in drawn(("a", 0, 0, 1), ("b", 0, 0, 2)).discs] == ["50.00%", "50.00%"]
    assert draw("t", "l", "m", [Spot("alone", *LAKE, 1, "1")]) is None
