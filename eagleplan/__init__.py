"""eagleplan: the planner for satellite quantum key distribution."""

import os

__version__ = "0.1.0"

__all__ = ["__version__"]

# Sums in linear algebra come out in another order, and with other last digits, with every number of threads: a plan
# would depend on the machine's cores. It must be set before numpy is imported.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ[_name] = "1"
