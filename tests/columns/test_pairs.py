"""Rows found by two numbers, as a dictionary finds them."""

import random

import numpy as np

from gridhall.columns.pairs import places_of_pairs


def test_the_last_of_equal_pairs_is_found_and_a_stranger_is_not() -> None:
    first, second = np.array([1, 1, 2, 2, 5]), np.array([7, 9, 7, 7, 1])
    wanted = [(1, 7), (2, 7), (5, 1), (1, 8), (0, 7), (6, 1), (5, 0), (5, 2)]
    found = places_of_pairs(first, second, np.array([a for a, _ in wanted]), np.array([b for _, b in wanted]))
    assert found.tolist() == [0, 3, 4, -1, -1, -1, -1, -1]


def test_no_pair_is_found_among_none() -> None:
    nothing = np.zeros(0, np.int64)
    assert places_of_pairs(nothing, nothing, np.array([1]), np.array([1])).tolist() == [-1]


def test_as_a_dictionary_finds_them() -> None:
    chosen = random.Random(11)
    pairs = sorted((chosen.randrange(40), chosen.randrange(40)) for _ in range(900))
    wanted = [(chosen.randrange(-2, 42), chosen.randrange(-2, 42)) for _ in range(2000)]
    last = {pair: place for place, pair in enumerate(pairs)}
    found = places_of_pairs(
        *(np.array(column, np.int64) for column in zip(*pairs, strict=True)),
        *(np.array(column, np.int64) for column in zip(*wanted, strict=True)),
    )
    assert found.tolist() == [last.get(pair, -1) for pair in wanted]
