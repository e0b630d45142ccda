"""All variants."""

from __future__ import annotations

from tests.scenarios.script import Script
from tests.scenarios.scripts_care import CARE
from tests.scenarios.scripts_history import LONG_AGO
from tests.scenarios.scripts_limits import LIMITS
from tests.scenarios.scripts_plain import PLAIN
from tests.scenarios.scripts_rare import RARE
from tests.scenarios.scripts_tree import TREE
from tests.scenarios.variant import Variant

VARIANTS: tuple[Variant, ...] = (PLAIN, CARE, LIMITS, TREE, LONG_AGO, RARE)
THROUGH_A_WORKER = tuple(variant.for_a_worker for variant in VARIANTS)
SCRIPTS: tuple[tuple[Variant, Script], ...] = tuple(
    (variant, script) for variant in VARIANTS for script in variant.scripts
)
