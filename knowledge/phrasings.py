"""All that is learned from: the ways of asking, small talk, and what people say of other subjects, as folded words."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from itertools import chain

from knowledge.content import Knowledge, Language
from knowledge.folding import spelt, words
from knowledge.matching.index import RECIPE
from knowledge.matching.matcher import Phrasing

_NOT_LEARNED = {"topics", "experience_words", "other_posts", "at_words", "of_words", "place_words", "no_places"}
_NOT_LEARNED_RULES = {"familiar"}
"""The parts of scope that the index does not depend on: phrasings are learned from as they are written."""

TALK, ELSEWHERE = "talk:", "elsewhere:"
"""What the topics begin with that are no entries': small talk, and subjects that the bot does not know."""


def phrasings_by_language(knowledge: Knowledge) -> dict[str, list[Phrasing]]:
    """Every way of asking (and every title), of small talk and of speaking about something else, by language."""
    return {
        name: [Phrasing(topic, tuple(words(text)), tuple(spelt(text))) for topic, text in _texts(knowledge, language)]
        for name, language in knowledge.languages.items()
    }


def _texts(knowledge: Knowledge, language: Language) -> Iterator[tuple[str, str]]:
    for entry, texts in language.entries.items():
        yield from ((knowledge.entries[entry].topic, text) for text in (*texts.ask, texts.title))
    for intent, talk in language.smalltalk.talk.items():
        yield from ((TALK + intent, text) for text in talk.says)
    for subject, other in language.elsewhere.items():
        yield from ((ELSEWHERE + subject, text) for text in other.says)


def topics_of(knowledge: Knowledge) -> set[str]:
    """Every topic that a message may be about."""
    language = next(iter(knowledge.languages.values()))
    others = {TALK + intent for intent in language.smalltalk.talk} | {ELSEWHERE + name for name in language.elsewhere}
    return {entry.topic for entry in knowledge.entries.values()} | others


def is_knowledge(topic: str) -> bool:
    """Whether there is an entry on the topic: it is neither small talk nor another subject."""
    return not topic.startswith((TALK, ELSEWHERE))


def phrasings_of(knowledge: Knowledge) -> list[Phrasing]:
    """The phrasings of all languages, one language after the other."""
    return list(chain.from_iterable(phrasings_by_language(knowledge).values()))


def words_said(knowledge: Knowledge) -> dict[str, Counter[str]]:
    """For each language how often a word stands in its phrasings, in the order in which the words first do."""
    return {
        name: Counter(chain.from_iterable(words(text) for _, text in _texts(knowledge, language)))
        for name, language in knowledge.languages.items()
    }


def fingerprint(knowledge: Knowledge) -> str:
    """A name for the phrasings, the scope and the recipe that an index is made from; answers do not count.

    Taken at each start, so of the texts as they are written, which need no folding.
    """
    rules = knowledge.scope.model_dump_json(exclude=_NOT_LEARNED_RULES)
    digest = hashlib.sha256(f"{RECIPE}\n{rules}\n".encode())
    for name, language in knowledge.languages.items():
        scope = language.scope.model_dump_json(exclude=_NOT_LEARNED)
        digest.update(f"{name}\n{scope}\n{json.dumps(list(_texts(knowledge, language)))}\n".encode())
    return digest.hexdigest()[:20]
