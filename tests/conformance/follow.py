"""A process that follows the embedded log in small pages until it is killed."""

import sys
import time
from pathlib import Path

from services.runtime.embedded import EmbeddedConsumer
from tests.conformance.stacks import EmbeddedStack

if __name__ == "__main__":
    stack = EmbeddedStack(Path(sys.argv[1]))
    follower = EmbeddedConsumer(stack.processor(), stack.source(), page=10)
    follower.check_cursor()
    while True:
        applied = follower.drain()
        sys.stdout.write(f"{applied}\n")
        sys.stdout.flush()
        if not applied:
            time.sleep(0.01)
