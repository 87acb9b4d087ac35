"""Reads a career's folder into ``Knowledge``; whatever is wrong with it is told by file and line."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError
from yaml.constructor import ConstructorError

from knowledge.content import (
    LANGUAGES,
    CareerRules,
    CareerTexts,
    Entry,
    EntryTexts,
    Figure,
    Knowledge,
    Language,
    ScopeRules,
    ScopeTexts,
    SmallTalkTexts,
    Source,
    SubjectTexts,
    Words,
)
from knowledge.quiz import QuizForm, QuizTexts

CONTENT = Path(__file__).parent / "content"
CAREER = CONTENT / "cto"
COMMON = CONTENT / "common"

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Problem:
    """Something wrong with the content: where it stands, what is wrong and what to do."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class ContentError(Exception):
    """The content cannot be used; ``problems`` says why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class _Loader(yaml.CSafeLoader):
    """YAML as authors expect it: yes, no, on and off are words, not truth values; no key stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise ConstructorError(None, None, f"{key.value} stands here twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for letter, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), list("tf"))


class Folder:
    """The YAML files of a career, read once each. ``problems`` gathers what cannot be read."""

    def __init__(self, career: Path, common: Path) -> None:
        self.career = career
        self.common = common
        self.problems: list[Problem] = []

    def load(self, path: Path, shape: type[T]) -> T | None:
        """The file's content in the given shape, or None with the problems noted."""
        data = self._yaml(path)
        if data is None:
            return None
        try:
            return TypeAdapter(shape).validate_python(data)
        except ValidationError as error:
            for fault in error.errors():
                keys = [str(part) for part in fault["loc"]]
                where = " > ".join(keys) or "the file"
                self.problems.append(Problem(self.name(path), self.line(path, keys), f"{where}: {fault['msg']}"))
            return None

    def entry_files(self, folder: str) -> list[Path]:
        """The files that hold entries: those of ``entries/``, or their namesakes in a language's folder."""
        names = sorted(path.name for path in (self.career / "entries").glob("*.yaml"))
        return [self.career / folder / name for name in names]

    def home(self, folder: str, entry: str) -> Path:
        """The file of a folder in which an entry stands, or else the one where it belongs."""
        files = self.entry_files(folder)
        own = next((file for file in files if entry in self._keys(file)), None)
        if own is None:
            named = next((file for file in self.entry_files("entries") if entry in self._keys(file)), files[0])
            own = self.career / folder / named.name
        return own

    def name(self, path: Path) -> str:
        """The path as authors know it, from the folder that holds the career."""
        return path.relative_to(self.career.parent).as_posix() if path.is_relative_to(self.career.parent) else str(path)

    def line(self, path: Path, keys: list[str]) -> int:
        """The line (from 1) on which the value under these keys begins, or the nearest key above it.

        A key may also be an item of a list of words, or its position.
        """
        node, line = self._node(path), 1
        for key in keys:
            found = next(_children(node, key), None)
            if found is None:
                break
            line, node = found
        return line

    def _keys(self, path: Path) -> set[str]:
        node = self._node(path)
        return {key.value for key, _ in node.value} if isinstance(node, yaml.MappingNode) else set()

    def _node(self, path: Path) -> Any:
        try:
            return yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader)
        except (OSError, UnicodeDecodeError, yaml.YAMLError):
            return None

    def _yaml(self, path: Path) -> Any:
        try:
            data = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
        except FileNotFoundError:
            self.problems.append(Problem(self.name(path), 1, "the file is missing"))
        except UnicodeDecodeError:
            self.problems.append(Problem(self.name(path), 1, "the file is not UTF-8 text; save it as UTF-8"))
        except OSError as error:
            self.problems.append(Problem(self.name(path), 1, f"the file cannot be read: {error.strerror}"))
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            what = getattr(error, "problem", None) or "not YAML"
            line = mark.line + 1 if mark else 1
            advice = "" if isinstance(error, ConstructorError) else "; quote the text if it holds a colon or a #"
            self.problems.append(Problem(self.name(path), line, what + advice))
        else:
            return {} if data is None else data
        return None


def read(career: Path = CAREER, common: Path = COMMON) -> tuple[Knowledge, Folder]:
    """The career's content and the folder it came from. ContentError where a file is missing or misshapen."""
    folder = Folder(career, common)
    if not career.is_dir():
        raise ContentError([Problem(str(career), 1, "there is no such content folder")])
    sources = folder.load(career / "sources.yaml", dict[str, Source])
    figures = folder.load(career / "figures.yaml", dict[str, Figure])
    facts = folder.load(career / "facts.yaml", dict[str, tuple[str, ...]])
    rules = folder.load(career / "career.yaml", CareerRules)
    scope = folder.load(career / "scope.yaml", ScopeRules)
    quiz = folder.load(career / "quiz.yaml", QuizForm)
    entries = _merge(folder, "entries", dict[str, Entry])
    languages = {name: _language(folder, name) for name in LANGUAGES if (career / name).is_dir()}
    if folder.problems:
        raise ContentError(folder.problems)
    whole = {
        "name": career.name,
        "sources": sources,
        "figures": figures,
        "facts": {fact: source for source, names in (facts or {}).items() for fact in names},
        "career": rules,
        "scope": scope,
        "quiz": quiz,
        "entries": entries,
        "languages": languages,
    }
    return Knowledge.model_validate(whole), folder


def _language(folder: Folder, name: str) -> Language:
    home, shared = folder.career / name, folder.common / name
    parts: dict[str, Any] = {
        "career": folder.load(home / "career.yaml", CareerTexts),
        "interface": folder.load(shared / "interface.yaml", dict[str, Words]),
        "smalltalk": folder.load(shared / "smalltalk.yaml", SmallTalkTexts),
        "elsewhere": folder.load(shared / "elsewhere.yaml", dict[str, SubjectTexts]),
        "scope": folder.load(home / "scope.yaml", ScopeTexts),
        "quiz": folder.load(home / "quiz.yaml", QuizTexts),
        "entries": _merge(folder, name, dict[str, EntryTexts]),
    }
    return Language.model_construct(**parts) if None in parts.values() else Language.model_validate(parts)


def _merge(folder: Folder, name: str, shape: type[dict[str, M]]) -> Mapping[str, M]:
    merged: dict[str, M] = {}
    for path in folder.entry_files(name):
        for key, value in (folder.load(path, shape) or {}).items():
            if key in merged:
                line = folder.line(path, [key])
                folder.problems.append(Problem(folder.name(path), line, f"{key} stands in another file too"))
            merged[key] = value
    return merged


def _children(node: Any, key: str) -> Iterator[tuple[int, Any]]:
    """The (line, node) of a key in a mapping, or of a position or a word in a list."""
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == key:
                yield name.start_mark.line + 1, value
    elif isinstance(node, yaml.SequenceNode) and key.isdigit() and int(key) < len(node.value):
        item = node.value[int(key)]
        yield item.start_mark.line + 1, item
    elif isinstance(node, yaml.SequenceNode):
        yield from ((item.start_mark.line + 1, item) for item in node.value if item.value == key)
