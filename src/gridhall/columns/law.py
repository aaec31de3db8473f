"""The rules a second time, compiled: one text, two speeds.

Each module of `gridhall.rules` that holds rules is loaded again under another name and every function of
the copy is compiled by Numba on first use. Calls between rules inside the copies go to compiled functions;
the originals stay plain Python.

Numba's disk cache looks only at the file of the function that is called, not at the files that function
calls into. So the cache lives in a folder named by a digest of the whole text of the law: a changed rule
anywhere is a new folder, never a stale answer.
"""

import functools
import hashlib
import importlib.util
import os
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numba.core.config

import gridhall.rules

# Called for every bill or line: their bodies are put where they are called.
SMALL = frozenset((
    "put_line", "price_line", "show", "add_to_component", "amount_of", "in_block", "clamp", "limit_of", "rounded",
    "percent_of", "share_of", "rate_segment", "rate_energy", "rate_blocks", "rate_charge", "charge_line",
    "share_of_segment", "month_share", "rate_percent", "base_of", "add_to_bill", "rate_bill",
    "use_of", "prepare_use", "quantity_of", "width_of",
    "add_day", "add_workdays", "add_two_days", "add_hours", "of_period", "_lay_upon", "is_monday", "is_weekend",
    "slot_of", "is_below", "list_at",
))  # fmt: skip
RULES = Path(gridhall.rules.__file__).parent
LOOPS = Path(__file__).parent
NUMBA_SETTINGS: Any = numba.core.config  # its attributes are made at run time
F = TypeVar("F", bound=Callable[..., Any])


def _digest() -> str:
    text = hashlib.sha256()
    for path in (*sorted(RULES.glob("*.py")), LOOPS / "law.py", LOOPS / "_loops.py"):
        text.update(path.read_bytes())
    return text.hexdigest()[:16]


DIGEST = _digest()


def _cache_folder() -> str:
    """The first folder that can be written: the one named by NUMBA_CACHE_DIR, else beside the rules, else
    the user's cache."""
    named = os.environ.get("NUMBA_CACHE_DIR")
    user = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gridhall"
    for folder in ([Path(named)] if named else []) + [RULES / "__pycache__", user]:
        path = folder / f"law-{DIGEST}"
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(path, os.W_OK):
            return str(path)
    return ""


_CACHE = _cache_folder()


def compiled(function: F) -> F:
    """The function compiled by Numba on its first call; the machine code is kept on disk."""
    return _compile(function, counted=True)


def lean(function: F) -> F:
    """As `compiled`, without Numba's counting of references to arrays, which took half of the time of the rules.

    Only for functions that make no arrays and raise nothing, as the rules do.
    """
    return _compile(function, counted=False)


def lean_free(function: F) -> F:
    """As `lean`, and other threads run on while it does: for loops over columns that several threads share out."""
    return _compile(function, counted=False, free=True)


def _compile(function: F, counted: bool, free: bool = False) -> F:
    njit: Any = numba.njit  # `_nrt` is not in its published signature
    small = function.__name__ in SMALL
    before = NUMBA_SETTINGS.CACHE_DIR
    NUMBA_SETTINGS.CACHE_DIR = _CACHE
    try:
        fast = njit(cache=bool(_CACHE), error_model="numpy", forceinline=small, nogil=free, _nrt=counted)(function)
        _one_version(fast)
    finally:
        NUMBA_SETTINGS.CACHE_DIR = before
    return cast(F, fast)


def _one_version(fast: Any) -> None:
    """Let a constant argument be an integer like any other. Numba would compile each function anew for every
    constant it is called with (the line writer eight times), which doubled the time of compilation and won
    nothing."""
    usual = fast.get_call_template

    def for_any_integer(args: tuple[Any, ...], kws: dict[str, Any]) -> Any:
        return usual(tuple(map(numba.types.unliteral, args)), kws)

    fast.get_call_template = for_any_integer


@functools.cache
def law(name: str) -> Any:
    """The compiled copy of a module of rules: `law("usage").register_use`. Its functions may be called from
    compiled ones.

    The module's file is loaded again under another name; functions of the copy are compiled, and those it takes
    from other modules of rules are replaced by the compiled ones of their copies.
    """
    other_name = f"gridhall.columns.law_{DIGEST}.{name}"
    spec = importlib.util.spec_from_file_location(other_name, RULES / f"{name}.py")
    if spec is None or spec.loader is None:
        raise ImportError(f"there are no rules called {name}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[other_name] = module  # Numba's cache finds the functions again by this name
    spec.loader.exec_module(module)
    for key, value in list(vars(module).items()):
        if not isinstance(value, types.FunctionType):
            continue
        if value.__module__ == other_name:
            setattr(module, key, lean(value))
        elif value.__module__.startswith("gridhall.rules."):
            setattr(module, key, getattr(law(value.__module__.rpartition(".")[2]), value.__name__))
    return module
