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
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    while True:
        if not follower.drain():
            time.sleep(0.01)
