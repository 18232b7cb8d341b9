"""Custom objects against the schemas of their CRDs, as the API server reads them with ``fieldValidation=Strict``.

No CRD is shipped: the user names a folder. jsonschema decides, and is imported only then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mlops_spec.address import meant
from mlops_spec.diagnostic import Diagnostic, Place, error

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

_GROUP = re.compile(r"^  group: ['\"]?([\w.-]+)", re.MULTILINE)
_KIND = re.compile(r"^    kind: ['\"]?(\w+)", re.MULTILINE)
_UNKNOWN = "x-kubernetes-preserve-unknown-fields"
_EITHER = "x-kubernetes-int-or-string"
_EMBEDDED = "x-kubernetes-embedded-resource"
_KEPT = (
    *("enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"),
    *("minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "required"),
)
_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
_METADATA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 253},
        "namespace": {"type": "string", "maxLength": 63},
        "labels": _TEXTS,
        "annotations": _TEXTS,
        "finalizers": {"type": "array", "items": {"type": "string"}},
        "ownerReferences": {"type": "array", "items": {"type": "object"}},
    },
    "required": ["name"],
    "additionalProperties": False,
}


class Fault(NamedTuple):
    """A field of an object, as a path, and what its CRD has against it."""

    field: tuple[str | int, ...]
    message: str


class Schemas:
    """The CRDs of a folder, each read when it is first needed."""

    def __init__(self, files: Mapping[tuple[str, str], Path]) -> None:
        self._files = files
        self._validators: dict[tuple[str, str, str], Validator | Fault] = {}

    def faults(self, document: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield what an object's CRD has against it; nothing where the folder has no CRD of its kind."""
        group, _, version = str(document.get("apiVersion")).rpartition("/")
        kind = str(document.get("kind"))
        if (group, kind) not in self._files:
            return
        key = (group, version, kind)
        validator = self._validators.get(key)
        if validator is None:
            validator = self._validators[key] = self._validator(*key)
        if isinstance(validator, Fault):
            yield validator
            return
        for problem in sorted(validator.iter_errors(document), key=lambda found: list(map(str, found.absolute_path))):
            yield _fault(problem)

    def _validator(self, group: str, version: str, kind: str) -> Validator | Fault:
        import yaml
        from jsonschema import Draft4Validator

        crd = yaml.load(self._files[group, kind].read_text(encoding="utf-8"), yaml.CSafeLoader)
        served = {each["name"]: each["schema"]["openAPIV3Schema"] for each in crd["spec"]["versions"] if each["served"]}
        if version not in served:
            return Fault(("apiVersion",), f"{kind} has no version {version}: {meant(version, served, 'version')}")
        return Draft4Validator(strict({**served[version], _EMBEDDED: True}))


def open_schemas(folder: Path, problems: list[Diagnostic]) -> Schemas | None:
    """Find the CRDs below a folder; one with none in it is a problem."""
    files: dict[tuple[str, str], Path] = {}
    for path in sorted(folder.rglob("*.yaml")):
        text = path.read_text(encoding="utf-8", errors="replace")
        group, kind = _GROUP.search(text), _KIND.search(text)
        if "CustomResourceDefinition" in text and group and kind:
            files[group[1], kind[1]] = path
    if not files:
        hint = "name a folder of YAML files with one CustomResourceDefinition each"
        problems.append(error("MS188", "there are no CRDs in this folder", Place(folder.name, 1, 1), "", hint))
        return None
    return Schemas(files)


def strict(schema: Any) -> dict[str, Any]:
    """Turn the structural schema of a CRD into a JSON Schema in which a field that it does not name is a mistake."""
    if not isinstance(schema, dict):
        return {}
    made = {key: schema[key] for key in _KEPT if key in schema}
    if schema.get(_EITHER):
        made["type"] = ["integer", "string"]
    elif "type" in schema:
        made["type"] = [schema["type"], "null"] if schema.get("nullable") else schema["type"]
    if _portable(schema.get("pattern")):
        made["pattern"] = schema["pattern"]
    _required_without_defaults(made, schema)
    properties = {key: strict(value) for key, value in (schema.get("properties") or {}).items()}
    if schema.get(_EMBEDDED):
        properties |= {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": _METADATA}
    if properties:
        made["properties"] = properties
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict):
        made["additionalProperties"] = strict(extra)
    elif schema.get("type") == "object" and not schema.get(_UNKNOWN) and extra is not True:
        made["additionalProperties"] = False
    if "items" in schema:
        made["items"] = strict(schema["items"])
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema and not (word == "anyOf" and schema.get(_EITHER)):
            made[word] = [loose(each) for each in schema[word]]
    if "not" in schema:
        made["not"] = loose(schema["not"])
    return made


def loose(schema: Any) -> Any:
    """Keep only what constrains values: below ``anyOf`` and its like a CRD neither names nor forbids fields."""
    if isinstance(schema, dict):
        said = schema.items()
        return {key: loose(value) for key, value in said if key != "pattern" or _portable(value)}
    return [loose(each) for each in schema] if isinstance(schema, list) else schema


def _portable(pattern: Any) -> bool:
    """Tell whether Python reads a pattern that was written for Go; the others are left to the API server."""
    if not isinstance(pattern, str) or "[[:" in pattern or r"\z" in pattern:
        return False
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _required_without_defaults(made: dict[str, Any], schema: Mapping[str, Any]) -> None:
    """The API server fills defaults in first, so a field that has one is never missing."""
    properties = schema.get("properties") or {}
    required = [key for key in made.pop("required", ()) if "default" not in properties.get(key, {})]
    if required:
        made["required"] = required


def _fault(problem: Any) -> Fault:
    field, wanted = tuple(problem.absolute_path), problem.validator_value
    if problem.validator == "additionalProperties" and isinstance(problem.instance, dict):
        known = problem.schema.get("properties", {})
        unknown = next(key for key in problem.instance if key not in known)
        return Fault((*field, unknown), f"there is no field {unknown} here: {meant(unknown, known, 'field')}")
    if problem.validator == "required":
        return Fault(field, f"the field {next(key for key in wanted if key not in problem.instance)} is missing")
    if problem.validator == "type":
        return Fault(field, f"it should be of type {wanted if isinstance(wanted, str) else ' or '.join(wanted)}")
    if problem.validator == "enum":
        return Fault(field, f"it should be one of {', '.join(map(str, wanted))}")
    if problem.validator in ("anyOf", "oneOf"):
        return Fault(field, "it fits none, or more than one, of the ways in which it may be written")
    return Fault(field, " ".join(problem.message.split()))
