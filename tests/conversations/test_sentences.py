"""The code asks for no sentence that the content lacks, and the content holds none that nobody asks for."""

import ast
import re
from pathlib import Path

import pytest

from conversations.commands import MENU
from knowledge.content import Knowledge

ROOT = Path(__file__).parents[2]
SOURCES = [path for room in ("bot", "conversations", "knowledge") for path in sorted((ROOT / room).rglob("*.py"))]
TREES = {path: ast.parse(path.read_text("utf-8")) for path in SOURCES}


def said() -> list[tuple[str, str, set[str] | None]]:
    """Each ``say("name", language, **values)``: where, the sentence, and the values' names (None where unpacked)."""
    found = []
    for path, tree in TREES.items():
        for call in ast.walk(tree):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or call.func.attr != "say":
                continue
            if isinstance(call.args[0], ast.Constant):
                names = {keyword.arg for keyword in call.keywords}
                values = None if None in names else {name for name in names if name}
                found.append((f"{path.name}:{call.lineno}", call.args[0].value, values))
    return found


def names_in(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize(
    ("where", "sentence", "values"), said(), ids=lambda part: " ".join(sorted(part)) if isinstance(part, set) else part
)
def test_every_sentence_is_there_with_its_values(
    knowledge: Knowledge, where: str, sentence: str, values: set[str] | None
) -> None:
    for language, texts in knowledge.languages.items():
        assert sentence in texts.interface, language
        if values is not None:
            assert names_in(texts.interface[sentence]) == values, language


def test_every_sentence_is_used(knowledge: Knowledge) -> None:
    literals = {
        node.value
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    menu = {f"command_{name}" for name in MENU}
    for language, texts in knowledge.languages.items():
        assert texts.interface.keys() - literals - menu == set(), language
        assert menu <= texts.interface.keys(), language


def test_small_talk_that_stands_for_a_command_names_one(knowledge: Knowledge) -> None:
    for texts in knowledge.languages.values():
        commands = {talk.reply[1:] for talk in texts.smalltalk.talk.values() if talk.reply.startswith("@")}
        assert commands <= set(MENU)


def test_turns_of_the_dialogue_are_known_kinds(knowledge: Knowledge) -> None:
    for texts in knowledge.languages.values():
        kinds = {turn.partition("-")[0] for turn in texts.smalltalk.turns}
        assert kinds <= {"more", "why", "pick", "speak", "quiz"}
        spoken = {turn.removeprefix("speak-") for turn in texts.smalltalk.turns if turn.startswith("speak-")}
        assert spoken == set(knowledge.languages)
