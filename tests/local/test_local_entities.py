"""HTML parse mode: the grammar, the refusals with their byte offsets, and round trips."""

from __future__ import annotations

import html

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.local.markup.common import MarkupError, utf16_length
from bot.local.markup.html import parse_html

EMOJI = "🏟 🏟&lt;"

REFUSED = [
    ("<br>", 'Unsupported start tag "br" at byte offset 0'),
    ("a < b", 'Unsupported start tag "" at byte offset 2'),
    ("<b/>", 'Unsupported start tag "b/" at byte offset 0'),
    (EMOJI + "<abacaba", "Unclosed start tag at byte offset 13"),
    (EMOJI + "<abac aba>", 'Unsupported start tag "abac" at byte offset 13'),
    (EMOJI + "<i   =aba>", 'Empty attribute name in the tag "i" at byte offset 13'),
    (EMOJI + "<i    aba  =  ", 'Unclosed start tag "i" at byte offset 13'),
    (EMOJI + "<i    aba  =  190azAz-.,", "Unexpected end of name token at byte offset 27"),
    (EMOJI + '<i    aba  =  "&lt;&gt;&quot;>', "Unclosed start tag at byte offset 13"),
    (EMOJI + "</", "Unexpected end tag at byte offset 13"),
    (EMOJI + "<i>a</i   ", "Unclosed end tag at byte offset 17"),
    (EMOJI + "<i>a</em   >", 'Unmatched end tag at byte offset 17, expected "</i>", found "</em>"'),
    ("<b>unclosed", 'Can\'t find end tag corresponding to start tag "b"'),
    ("<b><i>test</b></i>", 'Unmatched end tag at byte offset 10, expected "</i>", found "</b>"'),
    ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ('<tg-emoji emoji-id="x">y</tg-emoji>', "Invalid custom emoji identifier specified"),
    ("&#xDFDF;", "Text contains invalid Unicode characters after decoding HTML entities, "
     "check for unmatched surrogate code units"),
]  # fmt: skip

ACCEPTED = [
    ("&ge;&lt;&gt;&amp;&quot;&nbsp;&#65;&#x42;", '&ge;<>&"&nbsp;AB', []),
    ("<b>a</b><strong>b</strong>", "ab", [("bold", 0, 1), ("bold", 1, 1)]),
    ("<i>a</i><em>b</em>", "ab", [("italic", 0, 1), ("italic", 1, 1)]),
    ("<u>a</u><ins>b</ins>", "ab", [("underline", 0, 1), ("underline", 1, 1)]),
    (
        "<s>a</s><strike>b</strike><del>c</del>",
        "abc",
        [("strikethrough", 0, 1), ("strikethrough", 1, 1), ("strikethrough", 2, 1)],
    ),
    ("<code>a</code><pre>b</pre>", "ab", [("code", 0, 1), ("pre", 1, 1)]),
    ('<tg-spoiler>a</tg-spoiler><span class="tg-spoiler">b</span>', "ab", [("spoiler", 0, 1), ("spoiler", 1, 1)]),
    ("<blockquote>a</blockquote>", "a", [("blockquote", 0, 1)]),
    ("<blockquote expandable>a</blockquote>", "a", [("expandable_blockquote", 0, 1)]),
    ("🏟 🏟<i>🏟 &gt;<b aba   =   caba>&lt🏟</b></i>", "🏟 🏟🏟 ><🏟", [("italic", 5, 7), ("bold", 9, 3)]),
    ("<B>x</>", "x", [("bold", 0, 1)]),
    ("<b></b>x", "x", []),
]  # fmt: skip


@pytest.mark.parametrize(("source", "text"), REFUSED)
def test_refuses_like_telegram(source: str, text: str) -> None:
    with pytest.raises(MarkupError) as caught:
        parse_html(source)
    assert str(caught.value) == text


@pytest.mark.parametrize(("source", "text", "entities"), ACCEPTED)
def test_parses_like_telegram(source: str, text: str, entities: list[tuple[str, int, int]]) -> None:
    parsed, found = parse_html(source)
    assert parsed == text
    assert [(one["type"], one["offset"], one["length"]) for one in found] == entities


def test_links_are_completed_and_bad_ones_dropped() -> None:
    _, entities = parse_html('<a href="telegram.org">x</a><a href="ftp://a.be">y</a><a>a.be</a>')
    assert [(one["offset"], one["url"]) for one in entities] == [(0, "http://telegram.org/"), (2, "http://a.be/")]


def test_code_in_pre_names_the_language() -> None:
    _, entities = parse_html('<pre><code class="language-python">x</code></pre>')
    assert entities == [{"type": "pre", "offset": 0, "length": 1, "language": "python"}]


TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXT)
def test_escaped_text_comes_back(text: str) -> None:
    assert parse_html(html.escape(text, quote=False)) == (text, [])


@given(TEXT, TEXT)
def test_offsets_are_utf16(before: str, inside: str) -> None:
    text, entities = parse_html(f"{html.escape(before)}<b>{html.escape(inside)}</b>")
    assert text == before + inside
    length = utf16_length(inside)
    assert entities == ([{"type": "bold", "offset": utf16_length(before), "length": length}] if inside else [])


PIECES = st.sampled_from(
    ["<", ">", "/", "&", ";", "#", "x", '"', "'", "=", " ", "\0", "b", "<b>", "</b>", "<a href=", "</a>", "&lt;"]
) | st.sampled_from(
    ["&#9999", "<pre>", "<code class='language-", "</>", "<span", "class", "tg-spoiler", "é", "🏟", "<tg-emoji"]
)


@given(st.lists(PIECES | TEXT).map("".join))
@example("<b \0>")
@example("<a href='&#x110000;'>")
@example("&#")
def test_never_fails_otherwise(source: str) -> None:
    try:
        text, entities = parse_html(source)
    except MarkupError:
        return
    end = utf16_length(text)
    assert all(one["offset"] >= 0 and 0 < one["length"] <= end - one["offset"] for one in entities)
