"""The rows of a replay as Parquet, for which pyarrow has to be there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from audit.replay import ReplayedFigure
from vungxanh.errors import WrongUseError
from vungxanh.replaying.output import COLUMNS, Answered

_GROUP = 50_000  # rows held before they are written as a row group
_TEXTS = ("unit_id", "definition", "window")


def write_parquet(answers: Iterable[Answered], by: Sequence[str], output: Path) -> None:
    """A row for each; `as_of` is a UTC timestamp. The file is there only when it is complete.

    Raises WrongUseError without pyarrow, or where the file cannot be written.
    """
    arrow, parquet = _pyarrow()
    fields = [arrow.field(name, _type(arrow, name)) for name in (*COLUMNS, *by)]
    schema = arrow.schema(fields)
    unready = output.with_name(f"{output.name}.part")
    try:
        with parquet.ParquetWriter(unready, schema, compression="zstd") as writer:
            held: list[dict[str, object]] = []
            for _, _, rows in answers:
                held.extend(_fields(row, by) for row in rows)
                if len(held) >= _GROUP:
                    writer.write_table(arrow.Table.from_pylist(held, schema))
                    held.clear()
            writer.write_table(arrow.Table.from_pylist(held, schema))
        unready.replace(output)
    except OSError as error:
        raise WrongUseError(f"--output {output}: {error.strerror or error}") from None
    finally:
        unready.unlink(missing_ok=True)


def demand_pyarrow() -> None:
    """Raise WrongUseError where it is not there: before hours of work, not after."""
    _pyarrow()


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow  # noqa: PLC0415
        import pyarrow.parquet  # noqa: PLC0415
    except ImportError:
        raise WrongUseError(
            "--format parquet needs pyarrow: pip install 'vungxanh[parquet]'"
        ) from None
    return pyarrow, pyarrow.parquet


def _type(arrow: Any, name: str) -> Any:  # noqa: ANN401 - pyarrow's own
    if name == "as_of":
        return arrow.timestamp("us", tz="UTC")
    if name == "ratio":
        return arrow.float64()
    return arrow.int64() if name in COLUMNS and name not in _TEXTS else arrow.string()


def _fields(row: ReplayedFigure, by: Sequence[str]) -> dict[str, object]:
    return {**row._asdict(), "ratio": row.ratio, **dict(zip(by, row.part, strict=False))}
