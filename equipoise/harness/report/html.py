"""Pages that need no server, no network and no script: one look, and everything a model said is escaped."""

from pathlib import Path

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from equipoise.harness.files import write_whole


def environment(package: str) -> Environment:
    """Templates of a package, beside the parts that all pages share (`base.html.j2`, `parts.html.j2`, `page.css`)."""
    shared = PackageLoader("equipoise.harness.report", ".")
    return Environment(
        loader=ChoiceLoader([PackageLoader(package, "."), shared]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )


def write_html(target: Path, html: str) -> None:
    """Write a page whole or not at all.

    Model text may hold what UTF-8 cannot (lone surrogates); it is shown as a question mark.

    Raises:
        InputError: The file cannot be written.
    """
    write_whole(target, lambda partial: partial.write_text(html, encoding="utf-8", errors="replace"))
