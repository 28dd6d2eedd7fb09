"""What a command found in a corpus of many partitions: totals, and the result on the sample that it learned from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from research.bulk.totals import Totals
from research.evaluate.representativeness import representativeness
from research.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BulkResult", "Group", "Kind"]

Kind = Literal["clean", "discover", "tag", "classify"]


@dataclass(frozen=True, slots=True)
class Group:
    """A topic, theme or class in the whole corpus and in the sample.

    Attributes
    ----------
    key : str
        As the tables of the partitions name it.
    label : str
        As a person reads it.
    articles : int
        In the whole corpus.
    units : int
        Passages, or articles where these are what has a topic or class.
    sampled : int
        Articles of the sample.
    """

    key: str
    label: str
    articles: int
    units: int
    sampled: int


@dataclass(frozen=True, eq=False, repr=False)
class BulkResult(Shown):
    """What was found in all partitions. The rows are in Parquet files, one for each partition.

    Attributes
    ----------
    kind : {"clean", "discover", "tag", "classify"}
        The command.
    source : str
        The corpus, as it was given.
    parts : int
        Its partitions that were read.
    failures : mapping of str to str
        The partitions that were left out, and why.
    articles, unusable, units : int
        Rows of the corpus, those without a usable text, and the passages of the others.
    totals : Totals
        Usable articles by outlet and month.
    sampled : Totals
        Those of the sample.
    groups : tuple of Group
        Topics, themes or classes.
    by_group : Totals
        Articles by group, outlet and month; an article may be in several themes.
    sample : DiscoverResult, TagResult, ClassifyResult or None
        The result on the sample, with all that a result in memory has.
    folder : str
        Where the tables are.
    tables : mapping of str to str
        The folders of tables in it, and what a row is.
    content : str
        Hash of the ids and texts of all articles, however they are divided.
    settings : mapping
        Everything that the result depends on.
    seconds : mapping of str to float
        How long every stage took that goes over the partitions.
    """

    kind: Kind
    source: str
    parts: int
    failures: Mapping[str, str]
    articles: int
    unusable: int
    units: int
    totals: Totals
    sampled: Totals
    groups: tuple[Group, ...]
    by_group: Totals
    sample: Any
    folder: str
    tables: Mapping[str, str]
    content: str
    settings: Mapping[str, Any]
    seconds: Mapping[str, float]

    @property
    def name(self) -> str:
        """The last part of the corpus's path."""
        return self.source.rstrip("/").rsplit("/", 1)[-1]

    def table(self) -> pd.DataFrame:
        """Give one row a topic, theme or class: key, label, articles, share, units, sampled, share of the sample."""
        import pandas as pd

        rows = [
            (one.key, one.label, one.articles, _share(one.articles, self.totals.total()), one.units, one.sampled,
             _share(one.sampled, self.sampled.total()))
            for one in self.groups
        ]  # fmt: skip
        names = ["key", "label", "articles", "share", "units", "sampled_articles", "sampled_share"]
        return pd.DataFrame(rows, columns=names)

    def shares(self) -> pd.DataFrame:
        """Give one row a group, outlet and month: key, source, month, articles, and all usable articles of the two."""
        import pandas as pd

        found = self.by_group.table().rename(columns={"group": "key"})
        whole = self.totals.table().rename(columns={"articles": "of"}).drop(columns="group")
        return pd.DataFrame(found.merge(whole, on=["source", "month"], how="left"))

    def representativeness(self) -> pd.DataFrame:
        """Give one row a way to divide the articles: what, categories, distance of the sample, and that of usual samples.

        See `research.evaluate.representativeness`; with the same articles the same table.
        """
        import pandas as pd

        sides = {"outlets": (self.totals.by(1), self.sampled.by(1)), "months": (self.totals.by(2), self.sampled.by(2))}
        if self.kind in {"discover", "classify"}:
            sides["topics" if self.kind == "discover" else "classes"] = (
                Counter({one.key: one.articles for one in self.groups}),
                Counter({one.key: one.sampled for one in self.groups}),
            )
        rows = []
        for name, (whole, sample) in sides.items():
            found = representativeness(whole, sample)
            rows.append((name, found.categories, round(found.distance, 4), round(found.usual, 4)))
        return pd.DataFrame(rows, columns=["what", "categories", "distance", "usual"])


def _share(part: int, whole: int) -> float:
    return round(part / whole, 6) if whole else float("nan")
