"""Is this container's process ready? The image's health check: exit code 0, or 1 and why in one line.

Asks /readyz on the process's own port: FIXLINE_METRICS_PORT of a worker or relay, else FIXLINE_PORT. Only the standard
library and no import of ours, because it runs every few seconds.
"""

import http.client
import os
import sys


def main() -> int:
    port = int(os.environ.get("FIXLINE_METRICS_PORT") or os.environ.get("FIXLINE_PORT") or 8080)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        text = answer.read(300).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        sys.stderr.write(f"port {port}: {type(error).__name__}\n")
        return 1
    finally:
        connection.close()
    if answer.status != 200:
        sys.stderr.write(f"port {port}: {answer.status} {text}\n")
    return 0 if answer.status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
