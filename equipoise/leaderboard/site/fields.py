"""The field list of a submission, from the one schema that also checks it."""

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Field:
    """One field of `submission.json`."""

    name: str
    kind: str
    required: bool
    about: str


@dataclass(frozen=True)
class Form:
    """An object of `submission.json` with its fields."""

    name: str
    about: str
    fields: list[Field]


def forms(schema: dict[str, Any]) -> list[Form]:
    """The submission itself first, then the objects in it, in the order in which it names them."""
    definitions = schema.get("$defs", {})
    found, waiting = [_form(schema)], [schema]
    seen: set[str] = set()
    while waiting:
        for name in re.findall(r"#/\$defs/(\w+)", str(waiting.pop(0).get("properties", {}))):
            if name not in seen and "properties" in definitions[name]:
                seen.add(name)
                waiting.append(definitions[name])
                found.append(_form(definitions[name]))
    return found


def _form(schema: dict[str, Any]) -> Form:
    description = str(schema.get("description", ""))
    meanings = _meanings(description)
    required = schema.get("required", [])
    fields = [
        Field(name, _kind(each), name in required, meanings.get(name, ""))
        for name, each in schema["properties"].items()
    ]
    return Form(str(schema["title"]), description.split("\n")[0].replace("`", ""), fields)


def _meanings(description: str) -> dict[str, str]:
    """What the section `Attributes` of a docstring says of each name."""
    section = description.partition("Attributes:\n")[2]
    section = re.sub(r"\n {5,}", " ", section)
    found: dict[str, str] = {}
    for names, text in re.findall(r"^ *([\w, ]+): (.*)$", section, flags=re.MULTILINE):
        found.update(dict.fromkeys((name.strip() for name in names.split(",")), text.replace("`", "")))
    return found


def _kind(schema: dict[str, Any]) -> str:
    """A type in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "enum" in schema:
        return " | ".join(f'"{value}"' for value in schema["enum"])
    if "const" in schema:
        return str(schema["const"]) if isinstance(schema["const"], int) else f'"{schema["const"]}"'
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_kind(each) for each in schema["anyOf"]))
    kind = str(schema.get("type", "any"))
    if kind == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if kind == "object":
        return f"object of {_kind(schema.get('additionalProperties', {}) or {})}"
    most = f", at most {schema['maxLength']:,}" if "maxLength" in schema else ""
    return f"text{most}" if kind == "string" else kind
