"""The table files: reading the shipped ones, and a site's own rows laid over them."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path

SHIPPED = Path(__file__).parent / "tables"


class TerminologyError(Exception):
    """A table cannot be used; ``path`` and ``line`` name the place."""

    def __init__(self, path: Path, line: int, why: str) -> None:
        super().__init__(f"{path.name}, line {line}: {why}")
        self.path = path
        self.line = line
        self.why = why


def read_table(folder: Path, name: str, columns: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Rows of ``<name>.csv`` or ``<name>.csv.gz`` as the named columns, in file order; nothing without the
    file.

    A column the file does not have reads as "". Raises ``TerminologyError`` when the file is not UTF-8 CSV,
    lacks its first named column, or a row is too short.
    """
    path = _find(folder, name)
    if path is None:
        return
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise TerminologyError(path, 0, f"cannot be read ({type(error).__name__})") from error
    reader = csv.reader(io.StringIO(text, newline=""))
    header = next(reader, [])
    if columns[0] not in header:
        raise TerminologyError(path, 1, f"expected a column {columns[0]!r}, found {header}")
    places = [header.index(column) if column in header else None for column in columns]
    width = 1 + max(place for place in places if place is not None)
    for row in reader:
        if not row:
            continue
        if len(row) < width:
            raise TerminologyError(path, reader.line_num, f"expected {len(header)} values, found {len(row)}")
        yield tuple("" if place is None else row[place].strip() for place in places)


def _find(folder: Path, name: str) -> Path | None:
    for suffix in (".csv", ".csv.gz"):
        path = folder / f"{name}{suffix}"
        if path.is_file():
            return path
    return None


class Tables:
    """The shipped tables, and a site's folder read after them."""

    __slots__ = ("_folders",)

    def __init__(self, site: Path | None = None) -> None:
        if site is not None and not site.is_dir():
            raise TerminologyError(site, 0, "is not a folder")
        self._folders = (SHIPPED,) if site is None else (SHIPPED, site)

    def rows(self, name: str, *columns: str) -> Iterator[tuple[str, ...]]:
        """Rows of one table from every folder, the site's last."""
        for folder in self._folders:
            yield from read_table(folder, name, columns)
