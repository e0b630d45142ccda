"""A policy to try is laid over the one in force, and checked as settings are."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from vungxanh.errors import SettingsError
from vungxanh.policy_file import settings_with
from vungxanh.settings import Settings
from vungxanh.settings_sources import load_settings


def tried(folder: Path, policy: str, in_force: str = "", **variables: str) -> Settings:
    (folder / "vungxanh.toml").write_text(in_force, "utf-8")
    (folder / "other.toml").write_text(policy, "utf-8")
    config = folder / "vungxanh.toml"
    return settings_with(folder / "other.toml", config, load_settings(config, variables))


def test_keys_not_given_are_those_in_force(tmp_path: Path) -> None:
    settings = tried(
        tmp_path,
        '[policy]\ngreen = 0.85\n[policy.units.B]\nhold = "1h"\n',
        '[policy]\nmin_sample = 7\nyellow = 0.7\n[policy.units.A]\nhold = "2h"\n',
        VUNGXANH_POLICY__WINDOW="7d",
    )
    policy = settings.policy
    assert (policy.green, policy.yellow) == (Decimal("0.85"), Decimal("0.7"))
    assert (policy.min_sample, policy.window) == (7, "7d")
    assert {unit: own.hold for unit, own in policy.units.items()} == {
        "A": 7_200_000,
        "B": 3_600_000,
    }


def test_an_empty_table_changes_nothing(tmp_path: Path) -> None:
    in_force = '[policy]\nmin_sample = 7\n[policy.units."H47.502"]\ngreen = 0.95\n'
    settings = tried(tmp_path, "[policy]\n", in_force)
    assert settings == load_settings(tmp_path / "vungxanh.toml", {}).settings


def test_it_wins_over_variables(tmp_path: Path) -> None:
    settings = tried(tmp_path, "[policy]\nmin_sample = 3", VUNGXANH_POLICY__MIN_SAMPLE="9")
    assert settings.policy.min_sample == 3


def test_keys_are_checked_together_with_those_in_force(tmp_path: Path) -> None:
    lenient = "[policy]\ngreen = 0.95\nyellow = 0.9\n"
    assert tried(tmp_path, "[policy]\nyellow = 0.92\n", lenient).policy.yellow == Decimal("0.92")
    with pytest.raises(SettingsError, match=r"policy\.yellow = '0\.92' .*other\.toml.* at most"):
        tried(tmp_path, "[policy]\nyellow = 0.92\n")


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ("", "no table [policy]"),
        ("policy = 3", "policy (--policy"),
        ("[policy]\ngren = 0.9", "policy.gren (--policy"),
        ("[policy]\nstale_after = '1h'", "policy.stale_after (--policy"),
        ("[policy]\ngreen = 2", "policy.green = 2 (--policy"),
        ("[policy]\nwindow = 'week'", "policy.window = 'week' (--policy"),
        ("[policy]\ndefinition = 'ours@1'", "policy.definition = 'ours@1' (--policy"),
        ("[policy]\nhold = 'soon'", "policy.hold = 'soon' (--policy"),
        ("[policy]\nunits = 3", "policy.units (--policy"),
        ("[policy.units]\nA = 3", "policy.units.A (--policy"),
        ("[policy.units.A]\ngreeen = 0.9", "policy.units.A.greeen (--policy"),
        ("[policy.units.A]\ngreen = 'x'", "policy.units.A.green = 'x' (--policy"),
        ("[policy]\n[kafka]\ngroup = 'x'", "kafka (--policy"),
        ("[policy", "not TOML"),
    ],
)
def test_what_is_wrong_is_named_with_the_file(tmp_path: Path, policy: str, said: str) -> None:
    with pytest.raises(SettingsError) as error:
        tried(tmp_path, policy)
    assert said in str(error.value)
    assert "other.toml" in str(error.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no file"):
        settings_with(tmp_path / "none.toml", None, load_settings(None, {}, folder=tmp_path))


def test_with_another_file_of_settings_the_folders_own_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vungxanh.toml").write_text("[policy]\nmin_sample = 5\n")
    assert tried_elsewhere(tmp_path / "elsewhere").policy.min_sample == 20


def tried_elsewhere(folder: Path) -> Settings:
    folder.mkdir()
    return tried(folder, "[policy]\n")
