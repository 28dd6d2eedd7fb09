"""Which encoder a classifier was fitted with: what its file tells of it, and the one that is here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from research.errors import ConfigError
from research.features import Encoder, get_encoder
from research.features.encoders import ENCODERS
from research.storage import Check
from research.storage.checks import count_from, is_text

__all__ = ["ENCODER_FIELDS", "encoder_of", "encoder_of_dimension", "told_of"]

#: What a file tells of an encoder.
ENCODER_FIELDS: dict[str, Check] = {"name": is_text, "version": is_text, "fingerprint": is_text, "dimension": count_from(1)}


def told_of(encoder: Encoder) -> dict[str, Any]:
    """Tell what a file says of an encoder: which one it is, and of which weights.

    Parameters
    ----------
    encoder : Encoder
        Any.

    Returns
    -------
    dict
        Its name, version, fingerprint and dimension.

    Examples
    --------
    >>> told_of(get_encoder())["name"]
    'use-multilingual-3'
    """
    return {
        "name": encoder.name,
        "version": encoder.version,
        "fingerprint": encoder.fingerprint(),
        "dimension": int(encoder.dimension),
    }


def encoder_of_dimension(dimension: int, own: str | Encoder | None, where: str) -> Encoder | None:
    """Give the encoder that a classifier says that it was fitted with, unless it cannot be that.

    Parameters
    ----------
    dimension : int
        The length of the embeddings that the classifier was fitted with; 0 where it looks at words alone.
    own : str, Encoder or None
        What it says.
    where : str
        The file, for messages.

    Raises
    ------
    ConfigError
        If its embeddings are of another length, or it is not here.

    Examples
    --------
    >>> encoder_of_dimension(512, "use", "a.classifier").name
    'use-multilingual-3'
    """
    made = get_encoder(own) if isinstance(own, str) else own
    if (0 if made is None else made.dimension) != dimension:
        what = f"the classifier was fitted with another encoder than {'none' if made is None else made.name}"
        raise ConfigError(what, where=where, remedy="give that one (encoder)")
    return made


def encoder_of(told: Mapping[str, Any] | None, given: str | Encoder | None, where: str) -> Encoder | None:
    """Give the encoder that a file tells of, with the very weights.

    Parameters
    ----------
    told : mapping or None
        What `told_of` told; None where words alone are looked at. A name is only compared: no file is looked for by it.
    given : str, Encoder or None
        The encoder, where it is none that comes with the package.
    where : str
        The file, for messages.

    Returns
    -------
    Encoder or None
        The given one, or one that comes with the package.

    Raises
    ------
    ConfigError
        If the encoder is not here, or this is another one.

    Examples
    --------
    >>> encoder_of(told_of(get_encoder()), None, "a.classifier").name
    'use-multilingual-3'
    """
    if told is None:
        if given is not None:
            raise ConfigError("the classifier looks at words alone", where=where, remedy="give no encoder")
        return None
    if given is None:
        given = next((own for own, (make, _, _) in ENCODERS.items() if getattr(make, "name", None) == told["name"]), None)
        if given is None:
            what = f"the encoder {told['name'][:60]!r} is not one that comes with the package"
            raise ConfigError(what, where=where, remedy="give it as well (encoder)")
    made = get_encoder(given) if isinstance(given, str) else given
    here = told_of(made)
    if here != told:
        one, other = (f"{it['name']:.60} {it['version']:.60} (weights {it['fingerprint']:.8})" for it in (told, here))
        raise ConfigError(
            f"the classifier was fitted with the encoder {one}, and this is {other}",
            where=where,
            remedy="use that one, or fit and save the classifier again with this one",
        )
    return made
