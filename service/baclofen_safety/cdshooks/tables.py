"""The TOML tables of this folder, read key by key with a complaint that names file and key."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from importlib.resources import files
from typing import Any

from ..errors import BaclofenSafetyError


class TableError(BaclofenSafetyError):
    """A table of the package that cannot be used: ``file``, and ``key`` (dotted; "" for the whole file)."""

    def __init__(self, file: str, key: str, expected: str) -> None:
        super().__init__(": ".join(one for one in (file, key, expected) if one))
        self.file = file
        self.key = key


class Table:
    """One table; it remembers which keys were asked for, so that a misspelt one is found."""

    def __init__(self, file: str, held: object, path: str = "") -> None:
        if not isinstance(held, Mapping):
            raise TableError(file, path, "a table expected")
        self.file = file
        self._held: Mapping[str, Any] = held
        self._path = path
        self._asked: set[str] = set()

    def keys(self) -> Collection[str]:
        return self._held.keys()

    def words(self, key: str) -> str:
        value = self._value(key)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, "words expected")
        return value

    def one_of(self, key: str, among: Collection[str]) -> str:
        value = self.words(key)
        if value not in among:
            raise self.wrong(key, f"one of {', '.join(sorted(among))} expected")
        return value

    def number(self, key: str) -> int:
        value = self._value(key)
        if type(value) is not int or value < 1:
            raise self.wrong(key, "a whole number of at least 1 expected")
        return value

    def truth(self, key: str) -> bool:
        value = self._value(key)
        if type(value) is not bool:
            raise self.wrong(key, "true or false expected")
        return value

    def names(self, key: str) -> tuple[str, ...]:
        value = self._value(key)
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            raise self.wrong(key, "a list of names expected")
        return tuple(value)

    def table(self, key: str) -> Table:
        return Table(self.file, self._value(key), self._place(key))

    def lists(self, key: str) -> Mapping[str, frozenset[str]]:
        """A table of lists of names."""
        below = self.table(key)
        return {name: frozenset(below.names(name)) for name in sorted(below.keys())}

    def rows(self, key: str) -> tuple[Table, ...]:
        value = self._value(key)
        if not isinstance(value, list) or not value:
            raise self.wrong(key, f"[[{key}]] expected")
        return tuple(Table(self.file, row, f"{self._place(key)}[{place}]") for place, row in enumerate(value))

    def done(self) -> None:
        """Nothing else is expected here. Raises TableError for a key nobody asked for."""
        for key in self._held.keys() - self._asked:
            raise self.wrong(key, "no such key is known")

    def wrong(self, key: str, expected: str) -> TableError:
        return TableError(self.file, self._place(key), expected)

    def _value(self, key: str) -> object:
        self._asked.add(key)
        if key not in self._held:
            raise self.wrong(key, "missing")
        return self._held[key]

    def _place(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key


def parse_table(file: str, text: str) -> Table:
    """The table a TOML text holds. Raises TableError."""
    try:
        return Table(file, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise TableError(file, "", f"not TOML: {error}") from None


def text_of(file: str) -> str:
    """The text of a file of this folder. Raises TableError."""
    try:
        return files(__package__).joinpath(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TableError(file, "", f"cannot be read ({type(error).__name__})") from None
