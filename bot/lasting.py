"""What is made at the start stays to the end."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def lasting() -> Iterator[None]:
    """What is imported and made here is never searched for garbage, which makes a start a tenth shorter."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
