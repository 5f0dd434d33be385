"""``python -m plateau_pool``."""

import sys

from .cli import main

sys.exit(main())
