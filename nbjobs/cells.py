"""Turn a line or a cell, as typed, into a task that runs in a thread.

IPython's own `run_cell` cannot be used there: called from a thread it overwrites `_` and `Out` of
the user's session and shows errors under whatever cell is running. So the cell is transformed,
parsed and compiled in the caller's thread, by the shell's own means, and only its code objects
run in the job, over the live namespace.
"""

from __future__ import annotations

import ast
from collections.abc import MutableMapping
from functools import partial
from types import CodeType
from typing import TYPE_CHECKING, Any

from .coderun import VALUE, CodeRun
from .task import Task

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    Namespace = MutableMapping[str, Any]


def line_task(shell: InteractiveShell, line: str) -> Task:
    """The task for what follows `%job`: an expression, an assignment or any other statement.

    An assignment's value is the result, and the names are assigned when the job has succeeded.

    Raises:
        SyntaxError: It is not valid Python, nor valid IPython.
    """
    code = _Compiler(shell, line, lines_before=0)
    match code.tree.body:
        case [ast.Assign(targets=targets, value=value)]:
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            if len(names) == len(targets):
                return code.task([code.value(value)], commit=partial(_bind, shell.user_ns, names))
            return code.task([code.value(value), code.assignment(targets)])
        case [ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)]:
            return code.task([code.value(value)], commit=partial(_bind, shell.user_ns, [name]))
    return code.task(code.statements())


def cell_task(shell: InteractiveShell, cell: str) -> Task:
    """The task for the body of a `%%job` cell; its last expression, if any, is the result.

    Raises:
        SyntaxError: It is not valid Python, nor valid IPython.
    """
    # One line stands before it in the notebook's cell, so that tracebacks count as the user does.
    code = _Compiler(shell, cell, lines_before=1)
    return code.task(code.statements())


class _Compiler:
    """The pieces of one line or cell."""

    def __init__(self, shell: InteractiveShell, source: str, lines_before: int) -> None:
        self._shell = shell
        self._source = source.strip("\n").rstrip()
        padding = "\n" * lines_before
        text = padding + shell.transform_cell(source)
        # Cached under a name of its own, so that tracebacks can show its lines. The number is that
        # of `Out`: while a cell runs, IPython 9's `execution_count` is one more, and 8's is not.
        number = shell.displayhook.prompt_count
        self._name = shell.compile.cache(text, number, raw_code=padding + source)
        # The flags hold the `from __future__` imports of earlier cells. Passed on explicitly:
        # the compiler object is shared with the cells that run meanwhile.
        self._flags = shell.compile.flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        tree = shell.compile.ast_parse(text, filename=self._name)
        self.tree: ast.Module = shell.transform_ast(tree)
        _load_magics(shell, self.tree)

    def value(self, node: ast.expr) -> CodeType:
        """The code that evaluates `node`."""
        return self._compile(ast.Expression(node), "eval")

    def statements(self) -> list[CodeType]:
        """The code of everything; that of a last expression apart, since it has a value."""
        body = list(self.tree.body)
        last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
        codes = [self._compile(ast.Module(body, []), "exec")] if body else []
        if isinstance(last, ast.Expr):
            codes.append(self.value(last.value))
        return codes

    def assignment(self, targets: list[ast.expr]) -> CodeType:
        """The code that assigns the value to targets that may fail, or run the user's code."""
        value = ast.copy_location(ast.Name(VALUE, ast.Load()), targets[-1])
        node = ast.copy_location(ast.Assign(targets, value), targets[0])
        return self._compile(ast.Module([node], []), "exec")

    def task(self, codes: list[CodeType], commit: Any = None) -> Task:
        """A task that runs `codes` one after the other."""
        run = CodeRun(codes, self._shell.user_global_ns, self._shell.user_ns)
        return Task(run, self._source, commit=commit, code_only=True)

    def _compile(self, node: ast.Module | ast.Expression, mode: str) -> CodeType:
        code: CodeType = compile(node, self._name, mode, self._flags, dont_inherit=True)
        return code


def _bind(namespace: Namespace, names: list[str], value: Any) -> None:
    for name in names:
        namespace[name] = value


def _load_magics(shell: InteractiveShell, tree: ast.Module) -> None:
    """Load the lazily defined magics that the code uses, here in the caller's thread.

    Loaded by several jobs at once, most of them would be told that there is no such magic.
    """
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="run_line_magic" | "run_cell_magic" as kind),
                args=[ast.Constant(value=str(name)), *_],
            ):
                shell._find_with_lazy_load("line" if kind == "run_line_magic" else "cell", name)
