"""The subcommand `import`: schedules of other systems in files, as texts."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from .._files.foreign import Found, foreign_in
from .._text.errors import Diagnostic, ScheduleError
from .._text.numerals import literal
from .._text.rendering import as_json, printable
from .._text.run import shown
from .._transfer.foreign import TOLD_RATES, Imported, Proof, system_called, told_of
from .output import exit_code, print_errors, print_json, print_warnings


def import_files(args: Namespace) -> int:
    """`import`: what each file has of other systems, and the line to put there."""
    told = told_of(
        args.total_steps,
        {name: getattr(args, name) for name in TOLD_RATES},
        args.interval,
    )
    systems = None if args.system is None else [system_called(args.system)]
    found: list[Found] = []
    problems: list[Diagnostic] = []
    for name in args.files:
        try:
            here = foreign_in(name, told, systems)
        except ScheduleError as error:
            problems += error.diagnostics
            continue
        found += here
        if not here and not args.json:
            print(f"{printable(name)}: no schedule of another system")
    problems += [each for one in found for each in one.problems]
    proven = [(one, each, None if args.no_compare else each.proof()) for one in found for each in one.schedules]
    notes = list(dict.fromkeys(note for _, each, _ in proven for note in each.notes))
    if args.json:
        print_json(
            {
                "found": [_as_json(*each) for each in proven],
                "errors": list(map(as_json, problems)),
                "warnings": list(map(as_json, notes)),
            }
        )
    else:
        print("\n\n".join("\n".join(_lines(*each)) for each in proven)) if proven else None
        print_warnings(notes, args)
        print_errors(problems, args) if problems else None
    if problems:
        return exit_code(problems)
    compared = [proof.equal for _, _, proof in proven if proof is not None]
    return int(not proven or False in compared or (args.strict and (bool(notes) or None in compared)))


def _lines(one: Found, each: Imported, proof: Proof | None) -> Iterator[str]:
    line, _ = one.place.source.position(one.place.span.start)
    where = f"{one.place.source.name}:{line}" + (f" {one.key}" if one.key else "")
    yield printable(f"{where}: {each.kind}, {each.title}")
    yield f"  {each.name}: {each.text}"
    if each.replaces:
        yield printable(f"  in place of {', '.join(each.replaces)}")
    known = list(_run(each))
    if known:
        yield f"  with {', '.join(known)}"
    if proof is not None:
        yield f"  {proof}"


def _run(each: Imported) -> Iterator[str]:
    """What the config says of the run, as `bind` takes it."""
    if each.total_steps is not None:
        yield f"total_steps={each.total_steps}"
    if each.base is not None:
        yield f"base={literal(each.base)}"
    for name, rate in each.rates.items():
        yield f"{name}={rate}"


def _as_json(one: Found, each: Imported, proof: Proof | None) -> dict[str, Any]:
    line, column = one.place.source.position(one.place.span.start)
    return {
        "file": one.place.source.name,
        "line": line,
        "column": column,
        "key": one.key,
        "system": each.system,
        "kind": each.kind,
        "name": each.name,
        "text": each.text,
        "total_steps": each.total_steps,
        "base": each.base,
        "rates": {name: float(rate) for name, rate in each.rates.items()},
        "read": {
            key: value if isinstance(value, (str, int, float)) else shown(value) for key, value in each.read.items()
        },
        "replaces": list(each.replaces),
        "proof": None
        if proof is None
        else {
            "equal": proof.equal,
            "with": proof.with_,
            "totals": list(proof.totals),
            "worst_step": proof.worst_step,
            "error": proof.error,
            "reason": proof.reason,
        },
    }
