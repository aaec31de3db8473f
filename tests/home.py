"""Tests run against a real PostgreSQL: the embedded one, in a home of its own for each run.

A plugin of pytest (`-p tests.home`), since the home must be chosen before Django's settings are read.
`GRIDHALL_TEST_DATABASE_URL` names another server to test against.
"""

import atexit
import os
import pwd
import shutil
import tempfile
from pathlib import Path

if not os.environ.get("GRIDHALL_TEST_DATABASE_URL"):
    os.environ.pop("DATABASE_URL", None)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if not worker or "GRIDHALL_TEST_HOME" not in os.environ:
        os.environ["GRIDHALL_TEST_HOME"] = tempfile.mkdtemp(prefix="gridhall-test-")
        os.environ["GRIDHALL_TEST_OWNER"] = str(os.getpid())
    # Side by side each process has a home of its own: what lies there (interval files, keys of gateways) is not shared.
    os.environ["GRIDHALL_HOME"] = os.environ["GRIDHALL_TEST_HOME"] + (f"/{worker}" if worker else "")
else:
    os.environ["DATABASE_URL"] = os.environ["GRIDHALL_TEST_DATABASE_URL"]
os.environ.setdefault("GRIDHALL_GATEWAYS", "sandbox")
os.environ.setdefault("GRIDHALL_SECRET_KEY", "only-for-tests-only-for-tests-only-for-tests-0123456789")


def _make_the_servers_user() -> None:
    """As root on a new machine: make PostgreSQL's system user before several processes would at the same moment."""
    if os.geteuid() == 0 and "PYTEST_XDIST_WORKER" not in os.environ and "DATABASE_URL" not in os.environ:
        try:
            pwd.getpwnam("pgserver")
        except KeyError:
            from gridhall.kernel import embedded

            embedded._initialise()


_make_the_servers_user()


def _clean_up() -> None:
    """Stop the servers and take the homes away; only the process that made them does so."""
    if os.environ.get("GRIDHALL_TEST_OWNER") == str(os.getpid()):
        from gridhall.kernel import embedded

        first = Path(os.environ["GRIDHALL_TEST_HOME"])
        for each in (first, *first.glob("gw*")):
            os.environ["GRIDHALL_HOME"] = str(each)
            embedded.stop("immediate")
        shutil.rmtree(first, ignore_errors=True)


atexit.register(_clean_up)
