"""Makes the adviser: reads the content and takes its index from the cache, or builds it once for each content."""

import hashlib
import logging
import os
import tempfile
from pathlib import Path

from bot.settings import Settings
from conversations.advisor import Advisor
from knowledge.checks import broken
from knowledge.content import Knowledge
from knowledge.matching.index import Index
from knowledge.reading import COMMON, ContentError, read
from knowledge.understanding import Understanding

log = logging.getLogger(__name__)


def make_advisor(settings: Settings) -> tuple[Advisor, Knowledge]:
    """The adviser and its knowledge. ContentError where the content cannot be used."""
    knowledge, folder = read(settings.content)
    problems = broken(knowledge, folder)
    if problems:
        raise ContentError(problems)
    cached = settings.cache / f"index-{_fingerprint(settings.content)}.npz"
    index = _load(cached)
    understanding = Understanding(knowledge, index)
    if index is None:
        _keep(cached, understanding.index)
    return Advisor(knowledge, understanding, contact=settings.contact), knowledge


def _fingerprint(content: Path) -> str:
    """A hash of the content and of the code that makes the index."""
    digest = hashlib.sha256()
    code = Path(__file__).parent.parent / "knowledge"
    files = [
        *content.rglob("*.yaml"),
        *COMMON.rglob("*.yaml"),
        *code.glob("*.py"),
        *(code / "matching").glob("*.py"),
    ]
    for path in sorted(files):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:20]


def _load(path: Path) -> Index | None:
    try:
        return Index.load(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError):
        log.warning("the stored index could not be read and is built anew")
        return None


def _keep(path: Path, index: Index) -> None:
    """Writes the index beside its place and moves it there, so that no half file is ever read."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(index.dump())
        os.replace(file.name, path)
        for old in path.parent.glob("index-*.npz"):
            if old != path:
                old.unlink(missing_ok=True)
    except OSError as error:
        log.warning("the index could not be stored (%s); the next start builds it again", error.strerror)
