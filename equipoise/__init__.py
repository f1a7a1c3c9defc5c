"""Equipoise: does this model bend when it should and stand when it should?"""

from importlib.metadata import version

__version__ = version("equipoise")

__all__ = ["__version__"]
