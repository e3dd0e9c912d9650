"""A fresh database for each test: SQLite always, PostgreSQL where its server and its driver are installed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from store_workers import open_store

from baclofen_safety.store.sql import SqlStore

_NUMBERS = count()


def _server_program(name: str) -> str | None:
    folders = [os.environ.get("PATH", ""), *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))]
    return shutil.which(name, path=os.pathsep.join(folders))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The folder of the socket of a PostgreSQL server that ends with the tests."""
    initdb, postgres = _server_program("initdb"), _server_program("postgres")
    if not initdb or not postgres or not importlib.util.find_spec("psycopg"):
        pytest.skip("no initdb, postgres or psycopg here")
    user = "nobody" if os.geteuid() == 0 else None  # the server refuses to run as root
    with tempfile.TemporaryDirectory(prefix="baclofen-pg-") as folder:
        if user:
            shutil.chown(folder, user)
        data = f"{folder}/data"
        clean = {"LC_ALL": "C", "PATH": os.environ.get("PATH", "")}
        made = [initdb, "-D", data, "-A", "trust", "-U", "tests", "--no-sync", "-E", "UTF8"]
        subprocess.run(made, user=user, cwd=folder, env=clean, check=True, capture_output=True)
        settings = ("listen_addresses=", "fsync=off", "log_min_messages=log", f"unix_socket_directories={folder}")
        command = [postgres, "-D", data, *(part for one in settings for part in ("-c", one))]
        with subprocess.Popen(command, user=user, cwd=folder, env=clean, stderr=subprocess.PIPE, text=True) as server:
            assert server.stderr is not None
            assert any("ready to accept connections" in line for line in server.stderr)
            try:
                yield folder
            finally:
                server.send_signal(signal.SIGQUIT)
                server.communicate(timeout=30)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database nothing was ever done to."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'kept.db'}"
    folder = request.getfixturevalue("postgresql")
    name = f"t{next(_NUMBERS)}"
    address = "postgresql+psycopg://tests@/{}?host=" + folder
    engine = create_engine(address.format("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return address.format(name)


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    opened = open_store(url)
    yield opened
    opened.close()
