"""Every scenario is played twice: by one notifier, and by one that is restarted at every mark."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytest.register_assert_rewrite("tests.alerts.notifying.scenario")

from tests.alerts.notifying.scenario import Scenario  # noqa: E402 - shows what was wanted and came


@pytest.fixture(params=[False, True], ids=["lasting", "restarted"])
def play(request: pytest.FixtureRequest) -> Callable[..., Scenario]:
    """Makes scenarios."""

    def make(*recipients: object, **more: object) -> Scenario:
        return Scenario(*recipients, restarts=request.param, **more)  # type: ignore[arg-type]

    return make
