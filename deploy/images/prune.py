"""Remove every installed package that one package does not need at run time, pip included.

    python prune.py fixline

Run by the image's build inside its virtual environment, after the whole lock was installed with its hashes.
"""

import shutil
import subprocess
import sys
from importlib.metadata import distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def needed(root: str) -> set[str]:
    """The names, normalised, of ``root`` and all that it requires here, extras that are asked for included."""
    found: set[tuple[str, str]] = set()
    wanted = [(canonicalize_name(root), "")]
    while wanted:
        name, extra = one = wanted.pop()
        if one in found:
            continue
        found.add(one)
        for text in distribution(name).requires or ():
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                wanted += [(canonicalize_name(requirement.name), part) for part in ("", *requirement.extras)]
    return {name for name, _ in found}


def main(root: str) -> None:
    kept = needed(root)
    gone = sorted({canonicalize_name(each.metadata["Name"]) for each in distributions()} - kept - {"pip"})
    if gone:
        subprocess.run([sys.executable, "-m", "pip", "uninstall", "--quiet", "--yes", *gone], check=True)  # noqa: S603 (names of packages)
    # pip last, by hand: it cannot be asked to remove itself and then report.
    for path in Path(distribution("pip").locate_file("")).glob("pip*"):  # type: ignore[arg-type]  # a path, here
        shutil.rmtree(path)
    sys.stdout.write(f"kept {len(kept)}: {', '.join(sorted(kept))}\nremoved {len(gone) + 1}\n")


if __name__ == "__main__":
    main(sys.argv[1])
