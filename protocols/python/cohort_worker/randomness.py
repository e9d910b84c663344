"""Counter-based random numbers: Philox 4×32-10 (Salmon et al., SC 2011), for arrays of counters.

The number for a token is a function of the run's seed, the ticket's key, the completion's index and the
token's position. So a ticket that is sampled again, here or elsewhere, draws the same numbers.
"""

from __future__ import annotations

import numpy as np

from .values import TicketKey

Words = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]

LOW = np.uint64(0xFFFFFFFF)
PURPOSE = (0x434F484F, 0x52540001)


def philox(key: tuple[int, int], counter: tuple[object, object, object, object]) -> Words:
    """Four words of 32 bits for each counter."""
    words = np.broadcast_arrays(*[np.asarray(word, np.uint64) for word in counter])
    a, b, c, d = words
    k0, k1 = key
    for _ in range(10):
        p, q = a * np.uint64(0xD2511F53), c * np.uint64(0xCD9E8D57)
        a, b, c, d = (
            q >> np.uint64(32) ^ b ^ np.uint64(k0),
            q & LOW,
            p >> np.uint64(32) ^ d ^ np.uint64(k1),
            p & LOW,
        )
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return a, b, c, d


def uniforms(seed: int, ticket: TicketKey, group_size: int, length: int) -> np.ndarray:
    """Numbers in [0, 1) with 24 random bits: (group_size, length), f32."""
    halves = (seed & 0xFFFFFFFF, seed >> 32)
    mixed = [int(word) for word in philox(halves, (ticket.pass_, ticket.attempt, *PURPOSE))]
    samples = np.arange(group_size)[:, None]
    positions = np.arange(length)[None, :]
    block = philox((mixed[0], mixed[1]), (ticket.prompt_index, samples, positions, mixed[2]))
    return (block[0] >> np.uint64(8)).astype(np.float32) * np.float32(2**-24)
