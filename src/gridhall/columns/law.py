"""The rules a second time, compiled: one text, two speeds.

Each module of `gridhall.rules` that holds rules is loaded again under another name and every function of
the copy is compiled by Numba on first use. Calls between rules inside the copies go to compiled functions;
the originals stay plain Python.

Numba's disk cache looks only at the file of the function that is called, not at the files that function
calls into. So the cache lives in a folder named by a digest of the whole text of the law: a changed rule
anywhere is a new folder, never a stale answer.
"""

import hashlib
import importlib.util
import os
import sys
import types
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, cast

import numba
import numba.core.config

import gridhall.rules

MODULES = (
    "units", "calendar", "proration", "blocks", "billing_period", "power_factor", "usage", "late_charge", "allocation",
    "lines", "energy", "charges", "on_bases", "rating",
)  # fmt: skip  # from the ground up: a module comes after those it calls
# Called for every line: their bodies are put where they are called. (More would only lengthen the compilation.)
SMALL = frozenset((
    "put_line", "price_line", "show", "add_to_component", "amount_of", "in_block", "clamp", "limit_of", "rounded",
    "percent_of",
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
    """The function compiled by Numba on its first call; the machine code is kept on disk where some folder can be
    written.

    The rules neither make arrays nor raise, so Numba's counting of references is left out of them (`_nrt`): it took
    half of the time. A function that is compiled here must keep to that.
    """
    before = NUMBA_SETTINGS.CACHE_DIR
    NUMBA_SETTINGS.CACHE_DIR = _CACHE
    small = function.__name__ in SMALL
    try:
        njit: Any = numba.njit  # `_nrt` is not in its published signature
        fast = njit(cache=bool(_CACHE), error_model="numpy", forceinline=small, _nrt=False)(function)
    finally:
        NUMBA_SETTINGS.CACHE_DIR = before
    return cast(F, fast)


def _load(name: str, done: dict[str, ModuleType]) -> ModuleType:
    """Load `gridhall.rules.<name>` again and compile the functions of the copy; calls go to the copies in
    `done`."""
    other_name = f"gridhall.columns.law_{DIGEST}.{name}"
    spec = importlib.util.spec_from_file_location(other_name, RULES / f"{name}.py")
    if spec is None or spec.loader is None:
        raise ImportError(f"the rules module {name} has no file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[other_name] = module  # Numba's cache finds the functions again by this name
    spec.loader.exec_module(module)
    for key, value in list(vars(module).items()):
        if not isinstance(value, types.FunctionType):
            continue
        if value.__module__ == other_name:
            setattr(module, key, compiled(value))
        elif value.__module__.startswith("gridhall.rules."):
            home = value.__module__.rpartition(".")[2]
            setattr(module, key, getattr(done[home], value.__name__))
    return module


def _load_all() -> dict[str, ModuleType]:
    done: dict[str, ModuleType] = {}
    for name in MODULES:
        done[name] = _load(name, done)
    return done


_LAW = _load_all()


def law(module: str) -> Any:
    """The compiled copy of a module of rules, e.g. `law("usage").register_use`. Its functions may be called
    from compiled ones."""
    return _LAW[module]
