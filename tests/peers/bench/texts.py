"""Real texts for measurements: the pages of LibreOffice's help that scripts/fetch_corpus starter fetches."""

import html
import os
import pathlib
import re

CORPUS = pathlib.Path(os.environ.get("REKA_CACHE", pathlib.Path.home() / ".cache/reka")) / "corpus"


def help_pages(language):
    """The text of each page, in the order of their paths."""
    pages = []
    pattern = f"libreoffice-help-*/usr/share/libreoffice/help/{language}/text/**/*.html"
    for path in sorted(CORPUS.glob(pattern)):
        page = path.read_text(encoding="utf-8", errors="ignore")
        page = re.sub(r"(?s)<(script|style|head).*?</\1>", " ", page)
        page = html.unescape(re.sub(r"<[^>]+>", "\n", page))
        pages.append(re.sub(r"\s*\n\s*", "\n", page).strip())
    if not pages:
        raise SystemExit(f"{CORPUS}: no help of language {language}: run scripts/fetch_corpus starter first")
    return pages
