"""MarkdownV2 and the old Markdown: the grammar, the refusals with their byte offsets, and what never fails."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.local.markup.common import MarkupError, utf16_length
from bot.local.markup.markdown import parse_legacy_markdown
from bot.local.markup.markdown_v2 import RESERVED, parse_markdown

REFUSED = [
    ("é_cut", "Can't find end of Italic entity at byte offset 2"),
    ("é_a * b ", "Can't find end of Bold entity at byte offset 5"),
    ("a`", "Can't find end of Code entity at byte offset 1"),
    ("a```", "Can't find end of Pre entity at byte offset 1"),
    ("a```py ", "Can't find end of PreCode entity at byte offset 1"),
    ("a__b _c___", "Can't find end of Italic entity at byte offset 9"),
    ("||a|", "Character '|' is reserved and must be escaped with the preceding '\\'"),
    ("||a\\|", "Can't find end of Spoiler entity at byte offset 0"),
    ("~a", "Can't find end of Strikethrough entity at byte offset 0"),
    ("[a](b.com", "Can't find end of a URL at byte offset 4"),
    ("[a", "Can't find end of TextUrl entity at byte offset 0"),
    ("a>", "Character '>' is reserved and must be escaped with the preceding '\\'"),
    (">*a\nb*", "Can't find end of Bold entity at byte offset 1"),
    (">a||b\n", "Can't find end of Spoiler entity at byte offset 2"),
    ("![🙂", "Can't find end of CustomEmoji entity at byte offset 0"),
    ("![🙂]", "Custom emoji entity must contain a tg://emoji URL"),
    ("![🙂](tg://emoji?id=5", "Can't find end of a custom emoji URL at byte offset 8"),
    ("![🙂](http://emoji?id=5)", "Custom emoji URL must have scheme tg"),
    ("![🙂](tg://user?id=5)", 'Custom emoji URL must have host "emoji"'),
    ("![🙂](tg://emoji?x=5)", "Custom emoji URL must have an emoji identifier"),
    ("![🙂](tg://emoji?id=05)", "Invalid custom emoji identifier specified"),
    *((mark, f"Character '{mark}' is reserved and must be escaped with the preceding '\\'") for mark in "])(#+-=|{}.!"),
]

Found = list[tuple[str, int, int]]
ACCEPTED: list[tuple[str, str, Found]] = [
    ("", "", []),
    ("\\\\\\_\\*\\`\\.", "\\_*`.", []),
    ("🏟_a \\* b_", "🏟a * b", [("italic", 2, 5)]),
    ("_a *b*_", "a b", [("italic", 0, 3), ("bold", 2, 1)]),
    ("_a __b___", "a b", [("italic", 0, 3), ("underline", 2, 1)]),
    ("~a~||b||", "ab", [("strikethrough", 0, 1), ("spoiler", 1, 1)]),
    ("`a*b`", "a*b", [("code", 0, 3)]),
    ("****", "", []),
    ("[a](b\\.com)", "a", [("text_link", 0, 1)]),
    ("[a]()", "a", []),
    ("[b\\.com]", "b.com", [("text_link", 0, 5)]),
    (">a\n>b\nc", "a\nb\nc", [("blockquote", 0, 4)]),
    (">a\n**>b", "a\nb", [("blockquote", 0, 2), ("blockquote", 2, 1)]),
    (">a\n>b||\nc", "a\nb\nc", [("expandable_blockquote", 0, 4)]),
    (">a||", "a", [("expandable_blockquote", 0, 1)]),
    (">`a\nb`", "a\nb", [("blockquote", 0, 3), ("code", 0, 3)]),
    ("*>a\n*", "a\n", [("blockquote", 0, 2), ("bold", 0, 2)]),
    ("![🙂](tg://emoji?id=25)", "🙂", []),
]

LEGACY_REFUSED = [
    ("é_a", "Can't find end of the entity starting at byte offset 2"),
    ("a*", "Can't find end of the entity starting at byte offset 1"),
    ("[a", "Can't find end of the entity starting at byte offset 0"),
    ("```a``", "Can't find end of the entity starting at byte offset 0"),
]
LEGACY_ACCEPTED: list[tuple[str, str, Found]] = [
    ("1. a-b! \\_c\\q", "1. a-b! _c\\q", []),
    ("🏟 _a *b_", "🏟 a *b", [("italic", 3, 4)]),
    ("*a*`b`", "ab", [("bold", 0, 1), ("code", 1, 1)]),
    ("```py\na```", "a", [("pre", 0, 1)]),
    ("[a](b.com) [c](d", "a c", [("text_link", 0, 1)]),
    ("__", "", []),
]


def outline(parsed: tuple[str, list[dict[str, object]]]) -> tuple[str, list[tuple[object, object, object]]]:
    return parsed[0], [(one["type"], one["offset"], one["length"]) for one in parsed[1]]


@pytest.mark.parametrize(("source", "refusal"), REFUSED)
def test_refuses_like_telegram(source: str, refusal: str) -> None:
    with pytest.raises(MarkupError) as caught:
        parse_markdown(source)
    assert str(caught.value) == refusal


@pytest.mark.parametrize(("source", "text", "entities"), ACCEPTED)
def test_parses_like_telegram(source: str, text: str, entities: Found) -> None:
    assert outline(parse_markdown(source)) == (text, entities)


@pytest.mark.parametrize(("source", "refusal"), LEGACY_REFUSED)
def test_old_markdown_refuses_like_telegram(source: str, refusal: str) -> None:
    with pytest.raises(MarkupError) as caught:
        parse_legacy_markdown(source)
    assert str(caught.value) == refusal


@pytest.mark.parametrize(("source", "text", "entities"), LEGACY_ACCEPTED)
def test_parses_old_markdown_like_telegram(source: str, text: str, entities: Found) -> None:
    assert outline(parse_legacy_markdown(source)) == (text, entities)


def test_links_and_languages() -> None:
    assert parse_markdown("[a](b\\.com)")[1][0]["url"] == "http://b.com/"
    assert parse_markdown("```py\na```") == ("a", [{"type": "pre", "offset": 0, "length": 1, "language": "py"}])
    assert parse_markdown("```\r\na```")[0] == "a"
    assert parse_legacy_markdown("[a](b.com)")[1][0]["url"] == "http://b.com/"


TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXT)
def test_escaped_text_comes_back(text: str) -> None:
    marks = RESERVED.decode().replace("\n", "") + "\\"
    assert parse_markdown("".join(f"\\{char}" if char in marks else char for char in text)) == (text, [])


PIECES = st.sampled_from(
    ["_", "__", "*", "[", "](", ")", "~", "||", "`", "```", ">", "\n>", "\n", "\r", "![", "\\", "é", "🏟"]
)


@given(st.lists(PIECES | TEXT).map("".join))
@example("||\n")
@example("```a")
@example("[a](\\")
@example("![](tg://[)")
def test_never_fails_otherwise(source: str) -> None:
    for parse in (parse_markdown, parse_legacy_markdown):
        try:
            text, entities = parse(source)
        except MarkupError:
            continue
        end = utf16_length(text)
        assert all(one["offset"] >= 0 and 0 < one["length"] <= end - one["offset"] for one in entities)
