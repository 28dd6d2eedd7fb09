"""Configurations: typed, changed on the command line, unknown keys refused with the nearest one."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.errors import ConfigError
from research.runs import find_experiments, load_config, parse_changes


@dataclass(frozen=True)
class Config:
    corpus: str = "here"
    seeds: int = 3
    share: float = 0.5
    quick: bool = False
    steps: tuple[str, ...] = ()


def test_values_keep_their_types():
    config = load_config(Config, {"seeds": 4, "share": 1, "quick": True, "steps": ["alef", "ya"]}, "x.toml")
    assert config == Config(seeds=4, share=1.0, quick=True, steps=("alef", "ya"))
    assert type(config.share) is float


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"sede": 3}, "x.toml: unknown key 'sede'; did you mean 'seeds'?"),
        ({"seeds": "3"}, "x.toml, key seeds: '3' is a str; give a int"),
        ({"seeds": True}, "x.toml, key seeds: True is a bool; give a int"),
        ({"seeds": 3.0}, "x.toml, key seeds: 3.0 is a float; give a int"),
        ({"share": "x"}, "x.toml, key share: 'x' is a str; give a float"),
        ({"steps": "alef"}, "x.toml, key steps: 'alef' is a str; give a list"),
        ({"steps": [1]}, "x.toml, key steps: 1 is a int; give a str"),
        ({"quick": 1}, "x.toml, key quick: 1 is a int; give a bool"),
    ],
)
def test_a_wrong_key_or_value_is_one_line(values, told):
    with pytest.raises(ConfigError) as caught:
        load_config(Config, values, "x.toml")
    assert str(caught.value) == told


def test_changes_are_written_as_in_toml():
    changes = [
        "seeds=4",
        "share = 1.5",
        "quick=true",
        "steps=['alef', \"ya\"]",
        "corpus=my articles/of today",
        "name='3'",
        "at=x=y",
    ]
    assert parse_changes(changes, Config) == {
        "seeds": 4, "share": 1.5, "quick": True, "steps": ["alef", "ya"], "corpus": "my articles/of today",
        "name": "3", "at": "x=y",
    }  # fmt: skip


def test_a_text_takes_whatever_stands_there():
    for text in ("2024", "true", "2024-01-01", "12:00:00", "[[[[", "'quoted", "a = 1"):
        assert parse_changes([f"corpus={text}"], Config) == {"corpus": text}
    assert parse_changes(["corpus='quoted'"], Config) == {"corpus": "quoted"}


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e400", "9" * 400, "9" * 5000, "[" * 5000])
def test_a_number_that_is_none_is_one_line(text):
    with pytest.raises(ConfigError) as caught:
        load_config(Config, parse_changes([f"share={text}"], Config), "x.toml")
    assert str(caught.value).startswith("x.toml, key share: ")
    assert len(str(caught.value)) < 6000


def test_a_key_that_comes_twice_is_refused():
    with pytest.raises(ConfigError, match="seeds is given twice"):
        parse_changes(["seeds=1", "seeds=2"], Config)


def test_what_is_given_stays_in_the_faster_version():
    known = find_experiments()["encoders"]
    assert known.configured(quick=True).seeds == 1
    assert known.configured(None, {"seeds": 3}, quick=True).seeds == 3


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("encoders", {"folds": 0}),
        ("encoders", {"seeds": 0}),
        ("themes", {"draws": -1}),
        ("ablation", {"draws": 1}),
        ("themes", {"resolution": -1.0}),
    ],
)
def test_experiments_refuse_values_that_measure_nothing(name, change):
    with pytest.raises(ConfigError, match=f"key {next(iter(change))}: .* is too small; give at least"):
        find_experiments()[name].configured(None, change)


@pytest.mark.parametrize("change", ["seeds", "=3", "", "two words=3", "a.b=3", "[x]=1"])
def test_a_change_without_a_key_is_refused(change):
    with pytest.raises(ConfigError, match="KEY=VALUE"):
        parse_changes([change], Config)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_a_change_sets_its_own_key_only(text):
    assert list(parse_changes([f"corpus={text}"], Config)) == ["corpus"]


@pytest.mark.parametrize("name", sorted(find_experiments(benchmarks=True)))
def test_every_experiment_has_a_file_for_every_way_to_run_it(name):
    experiment = find_experiments(benchmarks=True)[name]
    config = experiment.configured()
    assert dataclasses.is_dataclass(config)
    assert experiment.configured(quick=True) is not None
    plain = {field.name: getattr(config, field.name) for field in dataclasses.fields(config)}
    assert load_config(experiment.config, plain, "again") == config
