"""What kinds of register there are: energy taken in all and by period, fed in, reactive, and highest demands.

The functions take codes as columns (int64) and answer as masks.
"""

import numpy as np
import numpy.typing as npt

from gridhall.metering import models

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def is_demand(tou: Ints) -> Flags:
    """Registers that show the highest demand since they were set back: their value is taken as it stands."""
    found: Flags = (tou == models.DEMAND) | ((tou >= models.DEMAND_SHARP) & (tou <= models.DEMAND_DEEP))
    return found


def is_part(tou: Ints) -> Flags:
    """Registers of the energy taken in one period; those of a meter add up to its total."""
    found: Flags = ((tou >= models.SHARP) & (tou <= models.VALLEY)) | (tou == models.DEEP_VALLEY)
    return found


def is_taken(tou: Ints) -> Flags:
    """Registers of energy taken, in all or in one period: what a bill's use is made of."""
    found: Flags = (tou == models.TOTAL) | is_part(tou)
    return found


def is_fed_in_part(tou: Ints) -> Flags:
    """Registers of the energy fed in in one period."""
    found: Flags = (tou >= models.EXPORT_SHARP) & (tou <= models.EXPORT_DEEP)
    return found
