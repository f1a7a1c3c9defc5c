"""The simulation studies in `benchmarks`, for their small forms in the tests."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).parents[1] / "benchmarks"


def load_study(file: str) -> ModuleType:
    """A file of the benchmarks as a module."""
    path = FOLDER / file
    spec = importlib.util.spec_from_file_location(f"study_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
