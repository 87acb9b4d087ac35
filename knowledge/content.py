"""The shape of the content: what an author may write, as pydantic models.

One career is one folder of YAML files; docs/authoring.md explains them to authors. ``Knowledge`` is the whole folder,
read and checked.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from knowledge.quiz import QuizForm, QuizTexts

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$", max_length=48)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
PartialDate = Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]

LANGUAGES = ("en", "fr", "nl", "de")


class Content(BaseModel):
    """Any piece of content: immutable; a field that the model does not know is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Source(Content):
    """A document behind the answers; ``as_of`` is the date it carries, if any."""

    country: str = ""
    as_of: PartialDate | None = None


class Figure(Content):
    """One figure. ``value`` is a number, [low, high], or for ``date`` a partial ISO date.

    ``open`` says that the upper bound is "or more"; ``date`` says when the figure was true.
    """

    kind: Literal["money", "years", "percent", "year", "decade", "date"]
    value: int | PartialDate | tuple[int, int]
    open: bool = False
    currency: Literal["EUR", "USD"] | None = None
    period: Literal["month", "year"] | None = None
    gross: bool = False
    country: str = ""
    city: str = ""
    level: str = ""
    sector: str = ""
    size: str = ""
    source: str
    date: PartialDate | None = None


class Entry(Content):
    """One thing that a person may want to know, in no language.

    Entries of one topic differ only in their scope; ``covers`` names finer values that the answer tells apart although
    it is not limited to them. ``gap`` marks what the documents do not hold. ``brief`` tells authors what to say.
    """

    topic: Identifier
    kind: Literal["answer", "gap"] = "answer"
    default: bool = False
    scope: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    covers: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    sources: tuple[str, ...] = Field(min_length=1)
    figures: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    related: tuple[str, ...] = Field(min_length=1)
    brief: Words


class EntryTexts(Content):
    """An entry in one language: button title, answer, what "more" tells, and how people ask for it."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=34)]
    answer: Words
    more: str = ""
    ask: tuple[Words, ...]


class CareerTexts(Content):
    """The career's own words in one language: its sources, the bot's name and descriptions, its welcome."""

    sources: dict[str, Words]
    bot_name: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    bot_description: Annotated[str, StringConstraints(min_length=1, max_length=512)]
    bot_short_description: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    welcome: Words
    help: Words
    subject: Words
    examples: tuple[Words, ...] = Field(min_length=3)


class TalkTexts(Content):
    """One intent of small talk in one language: how people say it, and what the bot replies."""

    says: tuple[Words, ...] = Field(min_length=3)
    reply: Words


class SmallTalkTexts(Content):
    """Small talk and the turns of a dialogue in one language.

    ``turns`` are things said about the conversation itself (more, why, the second one, in English please);
    ``fillers`` carry no meaning of their own; ``follow_ups`` are the words of a question that leans on the last one;
    ``leaning`` are the words that refer to what was said before; ``leads`` begin a question that follows up on it,
    ``tells`` a statement that narrows it ("I live in Belgium").
    """

    talk: dict[str, TalkTexts]
    turns: dict[str, tuple[Words, ...]]
    fillers: tuple[Words, ...]
    follow_ups: tuple[Words, ...]
    leaning: tuple[Words, ...]
    leads: tuple[Words, ...]
    tells: tuple[Words, ...]
    joints: tuple[Words, ...]


class SubjectTexts(Content):
    """Another subject than the career's, in one language: what it is called in a sentence, and what people say."""

    name: Words
    says: tuple[Words, ...] = Field(min_length=3)


class ScopeTexts(Content):
    """How scope is named in one language: facet, value, and the words people use for it.

    ``at_words`` stand before an employer's name, ``of_words`` do so after the career's ("the CTO of ..."),
    ``place_words`` before a place; ``no_places`` are everyday words that are near to a place's name but are none.
    """

    names: dict[str, dict[str, tuple[Words, ...]]]
    years_words: tuple[Words, ...]
    number_words: tuple[Words, ...]
    more_than: tuple[Words, ...]
    experience_words: tuple[Words, ...]
    topics: dict[str, Words]
    professions: tuple[Words, ...]
    own_profession: tuple[Words, ...]
    other_posts: tuple[Words, ...]
    at_words: tuple[Words, ...]
    of_words: tuple[Words, ...]
    place_words: tuple[Words, ...] = ()
    no_places: tuple[Words, ...] = ()


class TopicRules(Content):
    """Which facets matter to a topic: ``closed`` ones must be covered by an entry, ``open`` ones may fall back.

    ``needs_post`` marks a topic that is only about other posts than the career's own, so one has to be named; where
    one is, it stands ``instead_of`` those topics. ``professions`` marks a topic in which another profession may be
    named although the question is about the career.
    """

    closed: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    needs_post: bool = False
    instead_of: tuple[Identifier, ...] = ()
    professions: bool = False


class ScopeRules(Content):
    """The language-free half of scope: facets, what a value implies, levels by years, and the rules of topics.

    ``familiar`` are the places that people often name, by facet; the facets that it has are those of places.
    """

    implies: dict[str, dict[str, dict[str, str]]]
    level_by_years: dict[str, tuple[int, int | None]]
    topics: dict[str, TopicRules]
    companies: tuple[str, ...]
    not_a_country: tuple[str, ...] = ()
    familiar: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class CareerRules(Content):
    """The language-free half of the career: the entries that stand for it, in the order of interest."""

    highlights: tuple[str, ...] = Field(min_length=3)
    company_entry: str


class Language(Content):
    """Everything in one language. ``interface`` holds the bot's own sentences by name, ``elsewhere`` the
    subjects that people ask about although the bot does not know them."""

    entries: Mapping[str, EntryTexts]
    career: CareerTexts
    interface: Mapping[str, str]
    smalltalk: SmallTalkTexts
    elsewhere: Mapping[str, SubjectTexts]
    scope: ScopeTexts
    quiz: QuizTexts


class Knowledge(Content):
    """The content of one career, read and checked."""

    name: str
    sources: Mapping[str, Source]
    figures: Mapping[str, Figure]
    facts: Mapping[str, str]
    entries: Mapping[str, Entry]
    career: CareerRules
    scope: ScopeRules
    quiz: QuizForm
    languages: Mapping[str, Language]

    def default_of(self, topic: str) -> str:
        """The entry that stands for a topic when nothing more is asked."""
        members = [name for name, entry in self.entries.items() if entry.topic == topic]
        return next((name for name in members if self.entries[name].default), members[0])


def as_date(partial: str) -> date:
    """The first day that a partial date may mean."""
    year, month, day = (partial + "-01-01").split("-")[:3]
    return date(int(year), int(month), int(day))
