"""Tests run against a real PostgreSQL: the embedded one, in a home of its own for each run.

A plugin of pytest (`-p tests.home`), since the home must be chosen before Django's settings are read.
`GRIDHALL_TEST_DATABASE_URL` names another server to test against.
"""

import atexit
import os
import shutil
import tempfile

if not os.environ.get("GRIDHALL_TEST_DATABASE_URL"):
    os.environ.pop("DATABASE_URL", None)
    if "PYTEST_XDIST_WORKER" not in os.environ or "GRIDHALL_TEST_HOME" not in os.environ:
        os.environ["GRIDHALL_TEST_HOME"] = tempfile.mkdtemp(prefix="gridhall-test-")
        os.environ["GRIDHALL_TEST_OWNER"] = str(os.getpid())
    os.environ["GRIDHALL_HOME"] = os.environ["GRIDHALL_TEST_HOME"]
else:
    os.environ["DATABASE_URL"] = os.environ["GRIDHALL_TEST_DATABASE_URL"]
os.environ.setdefault("GRIDHALL_GATEWAYS", "sandbox")
os.environ.setdefault("GRIDHALL_SECRET_KEY", "only-for-tests-only-for-tests-only-for-tests-0123456789")


def _clean_up() -> None:
    """Stop the server and take the home away; only the process that made it does so."""
    if os.environ.get("GRIDHALL_TEST_OWNER") == str(os.getpid()):
        from gridhall.kernel import embedded

        embedded.stop("immediate")
        shutil.rmtree(os.environ["GRIDHALL_HOME"], ignore_errors=True)


atexit.register(_clean_up)
