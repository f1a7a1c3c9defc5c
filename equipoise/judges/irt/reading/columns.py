"""Columns that grow block by block and take the room of their result: labels as codes, numbers in the smallest type."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Codes = NDArray[np.signedinteger[Any]]
Floats = NDArray[np.float64]

_WAITING = 1 << 22
"""Bytes of labels that may wait to be merged, however few are known."""

_WHOLE = (np.int8, np.int16, np.int32)


class LabelColumn:
    """Labels as codes. New labels wait until they outweigh the known ones, so that merging costs n log n in all."""

    def __init__(self) -> None:
        self._known = pa.array([], pa.large_string())
        self._coded: list[Codes] = []
        self._waiting: list[tuple[Codes, pa.Array]] = []
        self._bytes = 0

    def add(self, codes: Codes, labels: pa.Array) -> None:
        """Rows as places in `labels`, an array of large strings."""
        self._waiting.append((codes.astype(code_type(len(labels))), labels))
        self._bytes += labels.nbytes
        if self._bytes > max(self._known.nbytes, _WAITING):
            self._merge()

    def _merge(self) -> None:
        """Codes within blocks become codes within all labels; known labels keep theirs."""
        merged = pa.concat_arrays([self._known, *(labels for _, labels in self._waiting)]).dictionary_encode()
        overall = merged.indices.to_numpy()
        first = len(self._known)
        for codes, labels in self._waiting:
            within = overall[first : first + len(labels)].astype(code_type(len(merged.dictionary)))
            self._coded.append(within[codes])
            first += len(labels)
        self._known, self._waiting, self._bytes = merged.dictionary, [], 0

    def categorical(self) -> pd.Categorical:
        """All rows, with the labels sorted as text, whatever the order of the rows; empties the column."""
        self._merge()
        order = pc.sort_indices(self._known).to_numpy()
        place = np.empty(len(order), dtype=code_type(len(order)))
        place[order] = np.arange(len(order), dtype=place.dtype)
        labels = self._known.take(pa.array(order)).to_pandas()
        return pd.Categorical.from_codes(_join(self._coded, place.dtype, place), categories=pd.Index(labels))


class NumberColumn:
    """Numbers, each block in the smallest type that holds it exactly."""

    def __init__(self) -> None:
        self._blocks: list[NDArray[Any]] = []
        self.length = 0

    def add(self, values: Floats) -> None:
        """Rows; NaN = missing."""
        self._blocks.append(shrink(values))
        self.length += len(values)

    def array(self, dtype: type[Any] | None = None) -> NDArray[Any]:
        """All rows, by default in the smallest type that holds all of them exactly; empties the column."""
        return _join(self._blocks, np.dtype(dtype or np.result_type(*{block.dtype for block in self._blocks})))


def _join(parts: list[Any], dtype: np.dtype[Any], place: Codes | None = None) -> NDArray[Any]:
    """The parts in one array, renumbered if asked. The list is emptied on the way: hardly a row is held twice."""
    whole = np.empty(sum(map(len, parts)), dtype)
    at = 0
    parts.reverse()
    while parts:
        part = parts.pop()
        whole[at : at + len(part)] = part if place is None else place[part]
        at += len(part)
    return whole


def code_type(size: int) -> type[np.signedinteger[Any]]:
    """Smallest type for codes 0 .. size - 1."""
    return next((each for each in _WHOLE if size <= np.iinfo(each).max), np.int64)


def shrink(values: Floats) -> NDArray[Any]:
    """The values in the first of int8, int16, int32, float32, float64 that holds them exactly; NaN needs a float."""
    if not len(values):
        return values.astype(np.int8)
    low, high = values.min(), values.max()  # NaN if any is
    if np.isfinite(low) and np.array_equal(values, np.floor(values)):
        for whole in _WHOLE:
            if np.iinfo(whole).min <= low and high <= np.iinfo(whole).max:
                return values.astype(whole)
    with np.errstate(over="ignore"):
        single = values.astype(np.float32)
    return single if np.array_equal(single, values, equal_nan=True) else values
