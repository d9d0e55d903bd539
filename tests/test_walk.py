"""The newcomer's walk: from a text to its first value, through one column of modules."""

import json
import re
from pathlib import Path

import pytest
from helpers import printed

PAGE = Path(__file__).parents[1] / "docs" / "architecture.md"

COUNTED = """
import json, sys
from pathlib import Path
import schedlang

schedlang.parse  # loads all that is walked through
house = Path(schedlang.__file__).parent
entered, crossings = {}, 0

def note(frame, event, _):
    global crossings
    caller, called = (each and Path(each.f_code.co_filename) for each in (frame.f_back, frame))
    if event == "call" and called.is_relative_to(house):
        crossings += caller != called
        entered.setdefault(called.relative_to(house).with_suffix("").as_posix())

sys.setprofile(note)
value = schedlang.parse("warmup(5%) then cosine").bind(1000)(5)
sys.setprofile(None)
assert value == 0.1
print(json.dumps([crossings, list(entered)]))
"""


@pytest.mark.slow
def test_text_to_value_is_one_column_of_modules() -> None:
    """A first text, bound and asked, goes from file to file at most 107 times, in the order that the page tells."""
    printed("-c", "import schedlang; schedlang.parse('1')")  # which makes the parser, if it is not in the cache
    crossings, entered = json.loads(printed("-c", COUNTED))
    assert crossings <= 107
    column = re.search(r"(?ms)^The column of modules.*?:$(.*?)\.$", PAGE.read_text(encoding="utf-8"))
    assert column is not None
    assert entered == re.findall(r"`([\w/]+)`", column[1])
