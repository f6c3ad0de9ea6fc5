"""Several small lists by one question to the database."""

from collections.abc import Mapping
from typing import Any

from django.db.models import CharField, QuerySet, TextField, Value
from django.db.models.functions import Cast

# A queryset and the names of the columns that are wanted of it.
Part = tuple[QuerySet[Any], tuple[str, ...]]
TRUE = frozenset({"1", "true", "t"})


def in_one_query(parts: Mapping[str, Part]) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every part by its name, all columns as text: whole numbers and ISO days as Python writes them.

    One UNION ALL. A truth value is in TRUE when it is true; None stays None. The order of rows is not kept.
    """
    width = max(len(columns) for _rows, columns in parts.values())
    selected = [_select(name, rows, columns, width) for name, (rows, columns) in parts.items()]
    found: dict[str, list[tuple[Any, ...]]] = {name: [] for name in parts}
    for name, *values in selected[0].union(*selected[1:], all=True):
        found[name].append(tuple(values[: len(parts[name][1])]))
    return found


def _select(name: str, rows: QuerySet[Any], columns: tuple[str, ...], width: int) -> QuerySet[Any]:
    texts: dict[str, Any] = {f"column_{n}": Cast(column, TextField()) for n, column in enumerate(columns)}
    texts |= {
        f"column_{n}": Cast(Value(None, output_field=TextField()), TextField()) for n in range(len(columns), width)
    }
    named = rows.order_by().annotate(part_name=Value(name, output_field=CharField()), **texts)
    selected: QuerySet[Any] = named.values_list("part_name", *(f"column_{n}" for n in range(width)))
    return selected
