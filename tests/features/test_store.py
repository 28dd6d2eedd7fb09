"""Embeddings on disk: nothing is embedded twice, nothing damaged is trusted, nothing is lost."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import numpy as np
import pytest

from research.features import EmbeddingStore, embed


class Counting:
    """A small real encoder that counts what it is asked for."""

    name, version, dimension, parallel = "letters", "1", 8, False

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts):
        self.asked += texts
        return np.stack([np.bincount([ord(char) % 8 for char in text], minlength=8).astype(np.float32) for text in texts])

    def fingerprint(self) -> str:
        return "0" * 64


@pytest.fixture
def store(tmp_path) -> EmbeddingStore:
    return EmbeddingStore("letters-1", 8, tmp_path)


def test_a_second_run_embeds_nothing_and_a_changed_text_one(store):
    texts = [f"فقرة رقم {number}" for number in range(30)]
    first = embed(texts, Counting(), store)
    again = Counting()
    assert np.array_equal(embed(texts, again, store), first)
    assert again.asked == []
    embed([*texts[:-1], "فقرة معدلة"], again, store)
    assert again.asked == ["فقرة معدلة"]


def test_another_encoder_has_another_file(tmp_path):
    one, two = EmbeddingStore("letters-1", 8, tmp_path), EmbeddingStore("letters-2", 8, tmp_path)
    assert one.path != two.path


def _damage_cut(path):
    path.write_bytes(path.read_bytes()[:3000])


def _damage_text(path):
    path.write_text("not a database at all, but a text of some length " * 50)


def _damage_foreign(path):
    path.unlink()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE letters (a TEXT)")


def _damage_other_encoder(path):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE about SET value = 'somebody else' WHERE field = 'encoder'")


@pytest.mark.parametrize("damage", [_damage_cut, _damage_text, _damage_foreign, _damage_other_encoder])
def test_a_store_that_cannot_be_trusted_is_set_aside_and_begun_anew(store, damage):
    texts = [f"نص {number}" for number in range(40)]
    right = embed(texts, Counting(), store)
    damage(store.path)
    encoder = Counting()
    with pytest.warns(UserWarning, match="set aside"):
        assert np.array_equal(embed(texts, encoder, store), right)
    assert sorted(encoder.asked) == sorted(texts)
    assert store.path.with_suffix(".set-aside").exists()
    fresh = Counting()
    assert np.array_equal(embed(texts, fresh, store), right)
    assert fresh.asked == []


def test_one_damaged_vector_is_embedded_again(store):
    texts = ["أول", "ثان", "ثالث"]
    right = embed(texts, Counting(), store)
    with closing(sqlite3.connect(store.path)) as connection, connection:
        key = connection.execute("SELECT key FROM vectors LIMIT 1").fetchone()[0]
        connection.execute("UPDATE vectors SET vector = zeroblob(32) WHERE key = ?", (key,))
    encoder = Counting()
    assert np.array_equal(embed(texts, encoder, store), right)
    assert len(encoder.asked) == 1


def test_a_folder_that_cannot_be_written_costs_a_warning_only(tmp_path):
    (tmp_path / "embeddings").write_text("a file where the folder should be")
    store = EmbeddingStore("letters-1", 8, tmp_path)
    with pytest.warns(UserWarning, match="not kept"):
        rows = embed(["نص"], Counting(), store)
    assert rows.shape == (1, 8)


def test_a_vector_of_another_length_is_refused(store):
    with pytest.raises(ValueError, match="dimension 8"):
        store.put({"نص": np.zeros(3, np.float32)})


def test_two_stores_on_one_file_see_each_other(store, tmp_path):
    other = EmbeddingStore("letters-1", 8, tmp_path)
    store.put({"a": np.ones(8, np.float32)})
    other.put({"b": np.zeros(8, np.float32)})
    assert set(store.get(["a", "b", "c"])) == {"a", "b"}
