"""Plans, without a library to follow them: `test_tracing` has the values that torch and JAX make of them."""

import pytest
from helpers import RUN, SECTION_1

from schedlang import parse
from schedlang._engines.lowering import lowered
from schedlang._engines.planning import plan


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("text", SECTION_1)
def test_rows_follow_one_another(text: str, wide: bool) -> None:
    """Rows begin one behind another, each has a template, and one that is constant has the value that the walk has."""
    bound = parse(text).bind(**RUN)
    found = plan(lowered(bound.program), bound, 2**31 - 1, wide)
    starts, which = [0, *found.starts.values], found.which.values
    assert starts == sorted(set(starts))
    assert len(which) == len(starts)
    assert set(which) == set(range(len(found.templates)))
    for row, start in enumerate(starts):
        template = found.templates[which[row]]
        if template.value is None:
            assert found.columns[template.offset].values[row] == bound.walk(start)
