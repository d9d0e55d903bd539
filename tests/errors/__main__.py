"""Writes what errors look like: `python -m tests.errors` renders each case of `rendered.jsonl` anew. Read the diff."""

from tests.errors import FILE, cases, rendered, written

if __name__ == "__main__":
    lines = [written({**case, "error": rendered(case)}) for case in cases()]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")
