"""The article in a saved web page."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Page", "read_page"]


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says: the article's text, a paragraph a line, and what it tells of itself; empty where it does not."""

    text: str
    title: str
    date: str
    source: str


def read_page(html: str) -> Page:
    """Find the article of a web page, without its navigation, by trafilatura; nothing is fetched and nothing is run.

    Parameters
    ----------
    html : str
        The page as it was saved.

    Returns
    -------
    Page
        With an empty text when there is no article in it.

    Notes
    -----
    Barbaresi, A. (2021). Trafilatura: A web scraping library and command-line tool for text discovery and extraction. ACL.

    Examples
    --------
    >>> page = read_page("<html><title>خبر</title><article><p>" + "وصلت السفينة إلى الميناء. " * 9 + "</p></article></html>")
    >>> page.title, page.text.startswith("وصلت السفينة")
    ('خبر', True)
    """
    import trafilatura

    found = trafilatura.bare_extraction(
        html,
        with_metadata=True,
        include_comments=False,
        include_images=False,
        include_links=False,
        # The extensive search takes a lone year, such as that of a copyright, for a first of January.
        date_extraction_params={"original_date": True, "extensive_search": False},
    )
    if found is None or isinstance(found, dict):
        return Page("", "", "", "")
    return Page(text=found.text or "", title=found.title or "", date=found.date or "", source=found.sitename or "")
