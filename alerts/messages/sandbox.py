"""Renders templates so that an error in one does no harm: no access to the program, no loop
without end, no unescaped text in HTML, and an error that names file and line. Pure.
"""

from __future__ import annotations

import traceback
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextvars import ContextVar
from types import CodeType
from typing import Any

from jinja2 import FunctionLoader, StrictUndefined, TemplateError, TemplateSyntaxError, nodes
from jinja2.bccache import Bucket, BytecodeCache
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

MOST_STEPS = 50_000  # turns of loops and calls in one rendering; the longest real one takes 5,000
MOST_TEXT = 1_000_000  # characters of one rendering
_LONGEST = 300  # characters of an error's words
_MOST_NUMBER = 10**12

_steps: ContextVar[list[int]] = ContextVar("steps")  # left in the rendering under way


class BrokenTemplateError(Exception):
    """A template that cannot be rendered: which, where (0: unknown), why."""

    def __init__(self, name: str, line: int, problem: str) -> None:
        where = f"{name}, line {line}" if line else name
        super().__init__(f"{where}: {' '.join(problem.split())[:_LONGEST]}")
        self.name = name


class _CountingLoops(CodeGenerator):
    """Every `for` goes over its things through `counted`."""

    def visit_For(self, node: nodes.For, frame: Frame) -> None:  # noqa: N802 -- Jinja's name
        counted = nodes.EnvironmentAttribute("counted", lineno=node.iter.lineno)
        node.iter = nodes.Call(counted, [node.iter], [], None, None, lineno=node.iter.lineno)
        super().visit_For(node, frame)

    def visit_ScopedEvalContextModifier(  # noqa: N802 -- Jinja's name
        self, node: nodes.ScopedEvalContextModifier, frame: Frame
    ) -> None:
        self.fail("{% autoescape %} is not allowed: HTML is always escaped", node.lineno)


class _Compiled(BytecodeCache):
    """What has been compiled in this process, by name and text: compiling all takes 0.3 s."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._known[bucket.key, bucket.checksum] = bucket.code


_COMPILED = _Compiled()


class Sandbox(ImmutableSandboxedEnvironment):
    """The templates of a message; all there is to include are `files`, by name."""

    code_generator_class = _CountingLoops
    intercepted_binops = frozenset({"*", "**"})

    def __init__(self, files: Mapping[str, str], own: Collection[str] = ()) -> None:
        """`own`: the names of a province's files, which errors are laid to where it has a part."""
        super().__init__(
            loader=FunctionLoader(
                lambda name: (files[name], name, None) if name in files else None
            ),
            autoescape=_is_html,
            undefined=StrictUndefined,
            lstrip_blocks=True,
            auto_reload=False,
            bytecode_cache=_COMPILED,
        )
        for name in ("safe", "random", "xmlattr", "urlize", "pprint"):  # raw HTML, chance, insides
            del self.filters[name]
        del self.globals["lipsum"]
        self._own, self._names = frozenset(own), frozenset(files)

    def render(self, name: str, variables: Mapping[str, object]) -> str:
        """The text that a template makes; BrokenTemplateError naming the file at fault."""
        token = _steps.set([MOST_STEPS])
        try:
            return self._limited(name, variables)
        except Exception as error:
            raise BrokenTemplateError(*self._place(name, error), _said(error)) from error
        finally:
            _steps.reset(token)

    def _limited(self, name: str, variables: Mapping[str, object]) -> str:
        parts, length = [], 0
        for part in self.get_template(name).generate(variables):
            length += len(part)
            if length > MOST_TEXT:
                raise TemplateError(f"makes more than {MOST_TEXT} characters")
            parts.append(part)
        return "".join(parts)

    def _place(self, name: str, error: Exception) -> tuple[str, int]:
        if isinstance(error, TemplateSyntaxError):
            return error.name or name, error.lineno
        frames = traceback.extract_tb(error.__traceback__)
        for names in (self._own, self._names):
            for frame in reversed(frames):
                if frame.filename in names:
                    return frame.filename, frame.lineno or 0
        return name, 0

    def counted(self, things: Iterable[object]) -> Iterator[object]:
        """The things, each costing a step."""
        for thing in things:
            _step()
            yield thing

    def call(self, context: Context, called: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Every call in a template comes here, and costs a step."""
        _step()
        return super().call(context, called, *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401
        """A product, of numbers only; powers and repeated texts can fill the memory."""
        if operator == "**":
            raise TemplateError("** is not allowed")
        for side in (left, right):
            if not isinstance(side, int | float) or abs(side) > _MOST_NUMBER:
                raise TemplateError("* is for numbers, and not for very large ones")
        return super().call_binop(context, operator, left, right)

    def join_path(self, template: str, parent: str) -> str:
        """The name of what a template includes, imports or extends."""
        if _is_html(parent) and not _is_html(template):
            raise TemplateError(f"HTML takes only .html files, whose texts are escaped: {template}")
        return template


def _is_html(name: str | None) -> bool:
    return name is None or not name.endswith(".txt")


def _step() -> None:
    left = _steps.get()
    left[0] -= 1
    if left[0] < 0:
        raise TemplateError(f"more than {MOST_STEPS} turns of loops and calls: a loop without end?")


def _said(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "templates or macros that call each other without end"
    return str(error) or type(error).__name__
