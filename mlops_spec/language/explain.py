"""What is wrong with data that the schemas refuse, in the words of those who wrote the data.

jsonschema names what failed. Here each failure becomes one problem at its place, and what only follows from another is
left out: a key that is missing because it is misspelt, a second fault of the same value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from jsonschema import Draft202012Validator, ValidationError
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from mlops_spec.address import Path
from mlops_spec.diagnostic import Diagnostic, ordered
from mlops_spec.language import misfit, shape, wording
from mlops_spec.language.fault import Failure, Fault
from mlops_spec.source.tree import Map

NO_VALUE = "MS111"


def explain(tree: Map, schema: str = "spec") -> list[Diagnostic]:
    """Report every fault of data that are not valid, ordered by place."""
    resources = [(name, DRAFT202012.create_resource(d)) for name, d in shape.documents().items()]
    document = shape.document(f"{schema}.schema.json")
    validator = Draft202012Validator(document, registry=Registry().with_resources(resources))
    faults = [fault for e in validator.iter_errors(tree) for fault in _faults(e, tree, shape.root(schema))]
    return list(ordered(fault.diagnostic for fault in _causes(faults)))


def _faults(e: ValidationError, tree: Map, root: shape.Shape) -> Iterator[Fault]:
    path: Path = tuple(e.absolute_path)
    where = shape.at(root, tree, path)
    failure = Failure(tree, path, where, e.instance, str(e.validator), e.validator_value, e.schema)
    if "propertyNames" in e.absolute_schema_path:
        return misfit.name(failure)
    if e.schema is False:
        return misfit.out_of_place(failure)
    if failure.keyword == "anyOf" and not all("required" in branch for branch in failure.wanted):
        return _of_value(failure)
    return _BY_KEYWORD.get(failure.keyword, _of_value)(failure)


def _of_value(failure: Failure) -> Iterator[Fault]:
    """A value that is not what must stand here."""
    subject, must_be = wording.subject(failure.path), failure.note("x-must-be")
    if failure.value is None:
        last = str(failure.path[-1]) if failure.path else ""
        yield failure.of_value(NO_VALUE, 0, f"{subject} has no value", wording.filled(failure.example(), last))
        return
    code, rank, expected = wording.expectation(failure.keyword, failure.wanted, failure.value, must_be)
    untold = code == wording.COUNT or failure.note("x-secret")
    message = f"{subject} {expected}" if untold else f"{subject} {expected}, not {wording.value(failure.value)}"
    yield failure.of_value(code, rank, message, wording.way_out(failure, must_be))


def _causes(faults: list[Fault]) -> Iterator[Fault]:
    """Leave out what another fault explains, and all but the first fault of one value."""
    misspelt = {(f.path, key) for f in faults if f.diagnostic.code == misfit.UNKNOWN for key in f.about}
    ambiguous = {f.path for f in faults if f.rank == misfit.BEFORE_ALL}
    said: set[object] = set()
    for fault in sorted(faults, key=lambda f: f.rank):
        code = fault.diagnostic.code
        of_keys = code in misfit.OF_KEYS
        if code in misfit.OF_ABSENCE and any((fault.path, key) in misspelt for key in fault.about):
            continue
        if fault.path in ambiguous and fault.rank != misfit.BEFORE_ALL and code in (misfit.MISSING, misfit.TOGETHER):
            continue
        subject = (fault.path, fault.diagnostic.address, code, fault.about) if of_keys else fault.path
        if subject not in said:
            said.add(subject)
            yield fault


_BY_KEYWORD: dict[str, Callable[[Failure], Iterator[Fault]]] = {
    "unevaluatedProperties": misfit.unknown,
    "required": misfit.missing,
    "anyOf": misfit.alternatives,
    "dependentRequired": misfit.company,
}
