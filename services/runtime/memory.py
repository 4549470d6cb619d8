"""The garbage collector, told what we know of our memory (docs/performance.md).

What was built when a process started lives as long as it; what a batch makes dies with it, by reference counting. Left to
itself the collector walks both again and again in the middle of a batch, and finds nothing: a fifth of a worker's time.
"""

import gc

#: Objects made and not yet gone before the young ones are walked; a batch of 500 holds some hundred thousand.
_YOUNG = 200_000


def settle() -> None:
    """Call once, when everything is built: it is never walked again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 10, 10)


def sweep() -> None:
    """Call between two batches, when the values of the first are gone: there is little to walk, and cycles end here."""
    gc.collect(1)
