"""The contract data's CSV files: read, checked and held against each other once, for `decide` and for `import`.

`load` gives everything at once, `stream` one row after the other in memory that does not grow with the machines.
Both refuse the files whole, with `BrokenData` that tells each fault as ``file:line:column: what`` and its mend.
"""

from services.routing.data_files.problems import BrokenData, Problem
from services.routing.data_files.reading import ContractData, load, stream
from services.routing.data_files.records import Progress

__all__ = ["BrokenData", "ContractData", "Problem", "Progress", "load", "stream"]
