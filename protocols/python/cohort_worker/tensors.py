"""The tensors of a payload, and their descriptors in a header's field 15."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import cohort_pb2 as pb
from . import limits
from .crc import crc32c
from .frames import need

SIZES = dict(
    BOOL=1, U8=1, I8=1, U16=2, I16=2, F16=2, BF16=2, U32=4, I32=4, F32=4, U64=8, I64=8, F64=8
)
TYPES = dict(U8="u1", U32="<u4", I32="<i4", F32="<f4", F64="<f8")
"""NumPy's names of the types that the two protocols use themselves."""


@dataclass(frozen=True)
class Tensor:
    """One tensor of a payload; `data` is little-endian and row-major."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes | memoryview

    @property
    def values(self) -> np.ndarray:
        return np.frombuffer(self.data, TYPES[self.dtype]).reshape(self.shape)


Tensors = dict[str, Tensor]


def tensor(dtype: str, values: Any, shape: Sequence[int] | None = None) -> Tensor:
    """A tensor of `values`: numbers, or bytes for U8."""
    if isinstance(values, bytes):
        return Tensor(dtype, tuple(shape or [len(values)]), values)
    array = np.asarray(values, TYPES[dtype])
    return Tensor(dtype, tuple(shape or array.shape), array.tobytes())


def read(description: Any, payload: memoryview) -> Tensors:
    """The tensors by name. Checks descriptors, lengths and checksum, in this order."""
    need(len(description.tensors) <= limits.TENSORS, "bad_descriptor", "too many tensors")
    tensors: Tensors = {}
    spans: dict[str, tuple[int, int]] = {}
    offset = 0
    for found in description.tensors:
        shape = _checked_shape(found, taken=spans)
        spans[found.name] = (offset, offset + found.bytes)
        tensors[found.name] = Tensor(found.dtype, shape, b"")
        offset += found.bytes
    need(offset == len(payload), "payload_length", f"{offset} announced, {len(payload)} there")
    need(crc32c(payload) == description.crc32c, "payload_checksum")
    return {
        name: Tensor(empty.dtype, empty.shape, payload[slice(*spans[name])])
        for name, empty in tensors.items()
    }


def _checked_shape(found: Any, taken: dict[str, tuple[int, int]]) -> tuple[int, ...]:
    named = 1 <= len(found.name.encode()) <= limits.TENSOR_NAME and found.name not in taken
    need(named and found.dtype in SIZES, "bad_descriptor", found.name)
    need(len(found.shape) <= limits.DIMENSIONS, "bad_descriptor", found.name)
    size = SIZES[found.dtype]
    for extent in found.shape:
        size *= extent
        # An extent of 0 must not hide one that no machine could count.
        need(extent < 1 << 63 and size < 1 << 64, "bad_descriptor", found.name)
    need(size == found.bytes and size < 1 << 63, "bad_descriptor", found.name)
    return tuple(found.shape)


def write(tensors: Tensors) -> tuple[Any, bytes]:
    """The descriptors, and the payload that they describe."""
    payload = b"".join(bytes(t.data) for t in tensors.values())
    description = pb.Payload(
        crc32c=crc32c(payload),
        tensors=[
            pb.Tensor(name=name, dtype=t.dtype, shape=t.shape, bytes=len(t.data))
            for name, t in tensors.items()
        ],
    )
    return description, payload


def vector(tensors: Tensors, name: str, dtype: str, count: int | None = None) -> np.ndarray:
    """The required tensor of one dimension, of `count` numbers where that is given."""
    found = _required(tensors, name, dtype, dimensions=1)
    need(count in (None, found.shape[0]), "bad_tensor", f"{name} has {found.shape[0]} numbers")
    return found.values


def matrix(
    tensors: Tensors, name: str, dtype: str, rows: int | None, columns: int | None = None
) -> np.ndarray:
    """The required tensor of two dimensions."""
    found = _required(tensors, name, dtype, dimensions=2)
    fits = rows in (None, found.shape[0]) and columns in (None, found.shape[1])
    need(fits, "bad_tensor", f"{name} has the shape {found.shape}")
    return found.values


def _required(tensors: Tensors, name: str, dtype: str, dimensions: int) -> Tensor:
    need(name in tensors, "bad_tensor", f"{name} is missing")
    found = tensors[name]
    right = found.dtype == dtype and len(found.shape) == dimensions
    need(right, "bad_tensor", f"{name} is {found.dtype} {list(found.shape)}")
    return found
