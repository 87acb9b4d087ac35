"""The rules of the house: who may import whom, what may not be called, and what does not belong in code."""

import ast
import re
import tomllib
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("bot", "conversations", "knowledge")
MAY_IMPORT = {
    "bot": {"bot", "conversations", "knowledge"},
    "conversations": {"conversations", "knowledge"},
    "knowledge": {"knowledge"},
}
STORE = ROOT / "conversations" / "store"
"""The one folder there whose work it is to write."""

LONGEST_FILE = 600

IMPURE = re.compile(
    r"(datetime\.)?(datetime|date)\.(now|utcnow|today)"
    r"|time\.\w+"
    r"|random\.(?!Random$)\w+"
    r"|(secrets|uuid|socket|ssl|subprocess|tempfile|shutil|requests|httpx|telegram|aiosqlite|sqlalchemy)\b.*"
    r"|(urllib\.request|http\.client|numpy\.random|os)\b.*"
)
WRITING = {"write_text", "write_bytes", "touch", "mkdir", "unlink", "rmdir", "symlink_to", "open"}

CAREER_WORDS = re.compile(
    r"\bctos?\b|chief technology|technical director|directeur technique|belgi|belge|bruss?el|bruxelles|wallon"
    r"|\bfrance\b|\bparis\b|\bdollars?\b|\bcio\b|\bsalar(y|is)",
    re.IGNORECASE,
)
OWN_NAME = re.compile(r"cap[-_ ]?cto", re.IGNORECASE)
"""The program's own name, which commands, variables and files carry."""


def files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module_of(path: Path) -> str:
    return named(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imported(path: Path, tree: ast.AST) -> Iterator[str]:
    """What a file imports, as absolute dotted names (of modules, or of things in them)."""
    package = module_of(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{start}.{alias.name}" for alias in node.names)


def references(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every name and attribute that is used, spelled out by the imports, with its line."""
    full: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.split(".")[0]
                full[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom):
            full |= {(alias.asname or alias.name): f"{node.module}.{alias.name}" for alias in node.names}
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and id(node) not in inner:
            parts = ast.unparse(node).split(".")
            if parts[0] in full:
                yield node.lineno, ".".join([full[parts[0]], *parts[1:]])


def impurities(source: str) -> list[str]:
    """Uses of a clock, chance, the network or the file system for writing."""
    tree = ast.parse(source)
    found = [f"{line}: {name}" for line, name in references(tree) if IMPURE.fullmatch(name)]
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        function = ast.unparse(call.func)
        if function.rpartition(".")[2] in WRITING or (function.endswith("Random") and not call.args):
            found.append(f"{call.lineno}: {function}()")
    return found


def literals(source: str) -> Iterator[tuple[int, str]]:
    """The string literals that are no docstrings, with their lines."""
    tree = ast.parse(source)
    documenting = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documenting:
            yield node.lineno, node.value


def career_words(source: str) -> list[str]:
    """Literals that speak of one career."""
    return [f"{line}: {text!r}" for line, text in literals(source) if CAREER_WORDS.search(OWN_NAME.sub("", text))]


def foreign_sentences(source: str) -> list[str]:
    """Literals of several words with a letter that English does not have."""
    return [
        f"{line}: {text!r}"
        for line, text in literals(source)
        if any(not letter.isascii() and letter.isalpha() for letter in text) and len(text.split()) > 1
    ]


def unlocked(lock: str) -> list[str]:
    """What a lock file should not hold: an address, or a requirement without a version and hashes."""
    found = [line for line in lock.splitlines() if re.search(r"://|--(extra-)?index-url|--find-links|\s@\s", line)]
    for block in re.split(r"\n(?=[a-zA-Z0-9])", lock.strip()):
        first = block.splitlines()[0]
        if not re.match(r"[A-Za-z0-9._-]+(\[[\w,-]+\])?==\S+", first) or "--hash=sha256:" not in block:
            found.append(first)
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_in_one_direction(room: str) -> None:
    strangers = [
        f"{named(path)} imports {name}"
        for path in files(room)
        for name in imported(path, ast.parse(path.read_text("utf-8")))
        if name.split(".")[0] in ROOMS and name.split(".")[0] not in MAY_IMPORT[room]
    ]
    assert strangers == []


def test_no_module_imports_itself_by_a_detour() -> None:
    modules = {module_of(path): path for path in files(*ROOMS)}
    graph: dict[str, set[str]] = {}
    for module, path in modules.items():
        targets = set()
        for name in imported(path, ast.parse(path.read_text("utf-8"))):
            target = name if name in modules else name.rpartition(".")[0]
            if target in modules and target != module:
                targets.add(target)
        graph[module] = targets
    assert any(graph.values())
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_no_file_is_too_long() -> None:
    long = {named(path): len(path.read_text("utf-8").splitlines()) for path in files(*ROOMS, "tests", "benchmarks")}
    assert {name: lines for name, lines in long.items() if lines >= LONGEST_FILE} == {}


@pytest.mark.parametrize(
    "path", [path for path in files("knowledge", "conversations") if STORE not in path.parents], ids=named
)
def test_thinking_code_is_pure(path: Path) -> None:
    assert impurities(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import datetime\nnow = datetime.now()",
        "import datetime\ndefault = datetime.date.today",
        "import time\ntime.monotonic()",
        "import random\nrandom.choice([1])",
        "import random\nrandom.Random()",
        "from random import shuffle\nshuffle([])",
        "import numpy as np\nnp.random.default_rng()",
        "from uuid import uuid4\nuuid4()",
        "import urllib.request\nurllib.request.urlopen('x')",
        "import os\nos.environ['HOME']",
        "open('x')",
        "from pathlib import Path\nPath('x').write_text('y')",
    ],
)
def test_impure_code_is_noticed(source: str) -> None:
    assert impurities(source)


@pytest.mark.parametrize("path", files(*ROOMS), ids=named)
def test_code_holds_no_content(path: Path) -> None:
    source = path.read_text("utf-8")
    spoken = [hit for hit in career_words(source) if not (named(path) == "knowledge/reading.py" and "'cto'" in hit)]
    assert spoken == []
    assert foreign_sentences(source) == []


def test_content_in_code_is_noticed() -> None:
    assert career_words('"""About Belgium."""\ntext = f"A CTO in {place}"')
    assert career_words('"""About Belgium."""\nname = "cap-cto.sqlite3"') == []
    assert foreign_sentences('say("Je suis là")')
    assert foreign_sentences('mark = "é"') == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_lock_files_pin_by_hash_and_name_no_registry(name: str) -> None:
    assert unlocked((ROOT / name).read_text("utf-8")) == []


@pytest.mark.parametrize(
    "lock", ["a==1", "a>=1 \\\n    --hash=sha256:00", "--index-url https://example.org/index", "a @ file:///tmp/a.whl"]
)
def test_open_ends_in_a_lock_are_noticed(lock: str) -> None:
    assert unlocked(lock)


def test_locks_hold_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    runtime, develop = project["project"]["dependencies"], project["dependency-groups"]["dev"]
    for name, wanted in (("requirements.lock", runtime), ("requirements-dev.lock", [*runtime, *develop])):
        locked = set(re.findall(r"^([a-z0-9.-]+)(?:\[[^]]*\])?==", (ROOT / name).read_text("utf-8"), re.MULTILINE))
        needed = {re.match(r"[A-Za-z0-9-]+", line)[0].lower() for line in wanted}  # type: ignore[index]
        assert needed - locked == set()
