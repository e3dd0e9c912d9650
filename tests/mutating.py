"""Small faults put into running code: one place of one module changed, and the way back.

A mutant changes a comparison, a boolean, a number, a word, a branch, an operator. Left alone is what does not run:
imports, annotations, docstrings, types, decorators; and the names of an enum's members.
"""

from __future__ import annotations

import ast
import copy
import importlib
import sys
import types
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import baclofen_safety

PACKAGE = Path(baclofen_safety.__file__).parent
SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any", "is_yes": "is_no", "is_no": "is_yes"}
LEFT_ALONE = ("annotation", "returns", "type_comment", "decorator_list")
TYPES = {"Literal", "TypeVar"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed place: the tree with the change, what it is in words, and the lines that run it.

    ``lines`` are those of the innermost statement; None outside of functions, which runs when a module is loaded.
    """

    module: str
    line: int
    says: str
    tree: ast.Module
    lines: range | None


def mutants_of(module: str) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its lines."""
    tree = ast.parse((PACKAGE / f"{module}.py").read_text("utf-8"))
    for node, lines in _code(tree, None):
        for number, (says, _) in enumerate(_changes(node)):
            memo: dict[int, Any] = {}
            changed = copy.deepcopy(tree, memo)
            _, make = list(_changes(memo[id(node)]))[number]
            make()
            placed: Any = node.target if isinstance(node, ast.comprehension) else node
            yield Mutant(module, placed.lineno, says, ast.fix_missing_locations(changed), lines)


def _code(tree: ast.AST, lines: range | None) -> Iterator[tuple[ast.AST, range | None]]:
    """The nodes that run, each with the lines of its statement."""
    for name, value in ast.iter_fields(tree):
        if name in LEFT_ALONE:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _is_left_alone(child):
                here = _lines(child, lines) if isinstance(child, ast.stmt) else lines
                yield child, here
                yield from _code(child, here)


def _lines(statement: ast.stmt, around: range | None) -> range | None:
    """The lines of a statement without the statements inside it; of a function all."""
    if isinstance(statement, ast.ClassDef) or (around is None and not isinstance(statement, Function)):
        return None
    last = statement.end_lineno or statement.lineno
    body = getattr(statement, "body", None)
    if body and not isinstance(statement, Function | ast.Try):
        last = body[0].lineno - 1
    return range(statement.lineno, last + 1)


def _is_left_alone(node: ast.AST) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom():
            return True
        case ast.Expr(value=ast.Constant(value=str())):
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Subscript(value=ast.Name(id=name)) | ast.Call(func=ast.Name(id=name)):
            return name in TYPES
        case ast.ClassDef(bases=[ast.Name(id=name)]):
            return name.endswith("Enum")
    return False


Change = tuple[str, Callable[[], None]]


def _changes(node: ast.AST) -> Iterator[Change]:
    match node:
        case ast.Compare():
            for at, op in enumerate(node.ops):
                swap = SWAPS[type(op)]
                yield f"{_said(op)} -> {swap.__name__}", partial(node.ops.__setitem__, at, swap())
        case ast.BoolOp() | ast.BinOp() | ast.AugAssign() if type(node.op) in SWAPS:
            swap = SWAPS[type(node.op)]
            yield f"{_said(node.op)} -> {swap.__name__}", lambda: setattr(node, "op", swap())
        case ast.UnaryOp(op=ast.Not()):
            yield "not dropped", lambda: _double(node)
        case ast.UnaryOp(op=ast.USub()):
            yield "minus dropped", lambda: setattr(node, "op", ast.UAdd())
        case ast.Constant():
            yield from _other_constant(node)
        case ast.If() | ast.IfExp() | ast.While():
            yield "condition always", lambda: setattr(node, "test", ast.Constant(True))
            yield "condition never", lambda: setattr(node, "test", ast.Constant(False))
        case ast.comprehension() if node.ifs:
            yield "filter dropped", node.ifs.clear
        case ast.Call(func=ast.Name(id=name)) if name in NAMES:
            yield f"{name} -> {NAMES[name]}", lambda: setattr(node.func, "id", NAMES[name])
        case ast.Return(value=value) if value is not None and not isinstance(value, ast.Constant):
            yield "returns None", lambda: setattr(node, "value", ast.Constant(None))


def _other_constant(node: ast.Constant) -> Iterator[Change]:
    match node.value:
        case bool() as yes:
            yield f"{yes} -> {not yes}", lambda: setattr(node, "value", not yes)
        case int() | float() as number:
            yield f"{number} -> {number + 1}", lambda: setattr(node, "value", number + 1)
        case str() as word if word.replace(".", "", 1).isdigit():
            yield f"{word!r} -> another number", lambda: setattr(node, "value", f"1{word}")
        case str() as word if word:
            yield f"{word!r} -> another word", lambda: setattr(node, "value", f"{word}-x")


def _said(op: ast.AST) -> str:
    return type(op).__name__


def _double(node: ast.UnaryOp) -> None:
    """``not x`` becomes ``not not x``: the same node, the opposite value."""
    node.operand = ast.UnaryOp(ast.Not(), node.operand)


def functions_of(holder: Any, prefix: str = "") -> Iterator[tuple[str, types.FunctionType]]:
    """Every function of a module or class by qualified name, those inside properties too."""
    home = getattr(holder, "__module__", None) or holder.__name__
    for name, value in list(vars(holder).items()):
        if isinstance(value, type) and value.__module__ == home:
            yield from functions_of(value, f"{prefix}{name}.")
            continue
        inner = [value, *(getattr(value, key, None) for key in ("fget", "func", "compute", "__func__", "__wrapped__"))]
        for one in inner:
            if isinstance(one, types.FunctionType) and one.__module__ in (home, "builtins", None):
                yield one.__qualname__, one


def apply(mutant: Mutant) -> tuple[dict[str, Any], Callable[[], None]]:
    """Put the mutant's code into the running functions and constants. Returns the changed judges, and the way back.

    Raises whatever the changed module raises while it is loaded.
    """
    name = f"{PACKAGE.name}.{mutant.module.replace('/', '.')}"
    original = importlib.import_module(name)
    changed = types.ModuleType(name)
    changed.__dict__.update({"__package__": name.rpartition(".")[0], "__file__": original.__file__})
    exec(compile(mutant.tree, str(original.__file__), "exec"), changed.__dict__)
    new = dict(functions_of(changed))
    undo: list[Callable[[], None]] = []
    for qualified, function in functions_of(original):
        other = new.get(qualified)
        if other is not None and len(other.__code__.co_freevars) == len(function.__code__.co_freevars):
            undo.append(_take_over(function, other.__code__, other.__defaults__, other.__kwdefaults__))
    judges: dict[str, Any] = {}
    if mutant.lines is None:
        _run_again(original, mutant.tree, undo, judges)

    def back() -> None:
        for step in reversed(undo):
            step()

    return judges, back


def _take_over(function: Any, code: types.CodeType, defaults: Any, named: Any) -> Callable[[], None]:
    kept = function.__code__, function.__defaults__, function.__kwdefaults__
    function.__code__, function.__defaults__, function.__kwdefaults__ = code, defaults, named

    def back() -> None:
        function.__code__, function.__defaults__, function.__kwdefaults__ = kept

    return back


def _run_again(module: types.ModuleType, tree: ast.Module, undo: list[Callable[[], None]], judges: Any) -> None:
    """The assignments of a module, in its own names; then those of every module that took one of them over."""
    before = dict(vars(module))
    assignments: Iterable[ast.stmt] = [one for one in tree.body if isinstance(one, ast.Assign | ast.AnnAssign)]
    exec(compile(ast.Module([*assignments], []), str(module.__file__), "exec"), vars(module))
    fresh = {key: value for key, value in vars(module).items() if before.get(key) is not value}
    undo.append(lambda: vars(module).update({key: before[key] for key in fresh}))
    judges.update(fresh.get("RULES", {}))
    for other in [one for name, one in sys.modules.items() if name.startswith(f"{PACKAGE.name}.")]:
        taken = [key for key in fresh if other is not module and vars(other).get(key, fresh) is before[key]]
        if not taken:
            continue
        old = {key: vars(other)[key] for key in taken}
        vars(other).update({key: fresh[key] for key in taken})
        undo.append(partial(vars(other).update, old))
        _run_again(other, ast.parse(Path(str(other.__file__)).read_text("utf-8")), undo, judges)
