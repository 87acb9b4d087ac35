"""The dialogue about the knowledge: questions, follow-ups that lean on the last one, two questions at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from conversations.answering import Answers
from conversations.halves import Halves
from conversations.messages import Kind, Reply
from conversations.refusals import Refusals
from conversations.session import Session, Turn
from conversations.smalltalk import follow_up_words, leading_phrases, leaning_words, telling_phrases
from knowledge.choosing import choose
from knowledge.content import Knowledge
from knowledge.matching.matcher import Match
from knowledge.phrasings import is_knowledge
from knowledge.scope import YEARS, Scope
from knowledge.understanding import Message, Understanding

LEANING = 0.15
"""What a topic gains in confidence when the message refers back to it."""

CHOICES = 3
"""How many entries are offered when it is asked which was meant."""

SHORTEST_QUESTION = 5
"""Words up to which a follow-up that names another post asks the same of it ("and the CEO?")."""

HARDLY = 0.5
"""Confidence below which a statement that tells a scope is taken to be about the topic of the conversation."""

LONGEST_ASIDE = 12
"""Words up to which a message may need what was said before it to be understood."""

CLEARLY = 0.75
"""Confidence from which a message has a topic of its own, although it could be read as a follow-up."""


class Dialogues:
    """Answers questions in the light of what was said before."""

    def __init__(self, knowledge: Knowledge, understanding: Understanding, answers: Answers) -> None:
        self._knowledge = knowledge
        self._understanding = understanding
        self._answers = answers
        self._follow_ups = follow_up_words(knowledge)
        self._experience = frozenset(
            word for texts in knowledge.languages.values() for word in texts.scope.experience_words
        )
        self._leaning = leaning_words(knowledge)
        self._halves = Halves(knowledge, understanding)
        self._refusals = Refusals(knowledge, understanding, answers)
        self._leads = leading_phrases(knowledge)
        self._tells = telling_phrases(knowledge)

    def answer(self, session: Session, message: Message, matches: Sequence[Match], text: str, now: datetime) -> Turn:
        """The reply to a question that may be about the topics of ``matches``, likeliest first. ``text`` is the message
        as it was typed, for its sentence ends."""
        if self._only_scope(message):
            if session.dialogue.entry in self._knowledge.entries:
                return self._follow_up(session, message, now)
            return self._ask_topic(session, message, now)
        if self._only_post(session, message, matches):
            match = Match(self._understanding.for_post(session.dialogue.topic), 1.0)
            return self._on_topic(session, message, match, now, leans=True)
        if self._narrows(session, message, text, matches):
            return self._follow_up(session, message, now)
        refusal = self._refusals.reason(session, message, matches)
        if refusal is not None:
            return refusal
        matches = [match for match in matches if is_knowledge(match.topic)]
        matches = self._in_context(session, message, matches)
        leans = self._leans(message)
        if leans:
            matches = _favour(matches, session.dialogue.topic)
        halves = self._halves.find(message, text, matches)
        if halves:
            return self._both(session, message, halves, now)
        if not matches or matches[0].confidence < self._understanding.ask_from:
            return self._refusals.not_understood(session, message, matches)
        best = matches[0]
        if best.confidence < self._understanding.answer_from:
            return self._ask_back(session, message, matches)
        return self._on_topic(session, message, best, now, leans=leans)

    def tell(self, session: Session, name: str, language: str, now: datetime) -> Turn:
        """The answer of an entry that was asked for by a button."""
        entry = self._knowledge.entries[name]
        session.language = language
        self._remember(session, name, entry.scope if not entry.default else {})
        return Turn(session=session, replies=[self._answers.entry(name, language, now)])

    def more(self, session: Session, name: str, language: str, now: datetime) -> Turn:
        """The rest of an entry that was asked for by a button; the conversation is then about that entry."""
        self.tell(session, name, language, now)
        return Turn(session=session, replies=[self._answers.more(name, language, now)])

    def repeat(self, session: Session, language: str, now: datetime) -> Turn:
        """What was said last (an answer, or that there is none) once more, in another language."""
        if language not in self._knowledge.languages:
            language = session.language or next(iter(self._knowledge.languages))
        session.language = language
        name = session.dialogue.entry
        if name in self._knowledge.entries:
            choice = choose(self._knowledge, self._knowledge.entries[name].topic, _scope_of(session), {})
            if choice.uncovered and self._knowledge.entries[choice.entry].kind == "answer":
                reply = self._answers.not_covered(choice.entry, choice.uncovered, {}, language)
            else:
                reply = self._answers.entry(name, language, now)
            return Turn(session=session, replies=[reply])
        text = self._answers.say("nothing_to_repeat", language)
        return Turn(session=session, replies=[self._answers.plain(Kind.COMMAND, text, language)])

    def pick(self, session: Session, number: int, language: str, now: datetime) -> Turn | None:
        """The entry that was picked from the choices by its place; None where nothing is on offer."""
        choices = [name for name in session.dialogue.choices if name in self._knowledge.entries]
        if not choices:
            return None
        return self.tell(session, choices[min(number, len(choices)) - 1], language, now)

    def elaborate(self, session: Session, language: str, now: datetime, *, why: bool) -> Turn | None:
        """The rest of the last answer; for a "why?" the answer itself where there is no more. None without one."""
        name = session.dialogue.entry
        if name not in self._knowledge.entries:
            return None
        reply = self._answers.more(name, language, now)
        if why:
            told = self._answers.entry(name, language, now)
            text = f"{told.text}\n\n{reply.text}" if reply.kind is Kind.ANSWER else told.text
            reply = told.model_copy(update={"text": text, "buttons": reply.buttons})
        return Turn(session=session, replies=[reply])

    def _on_topic(self, session: Session, message: Message, match: Match, now: datetime, *, leans: bool) -> Turn:
        asked = message.reading.scope
        carried = _scope_of(session) if leans else {}
        reply = self._of_topic(match.topic, message, asked, carried, match.confidence, now)
        self._remember(session, reply.entries[0], {**carried, **asked})
        return Turn(session=session, replies=[reply])

    def _of_topic(
        self, topic: str, message: Message, asked: Scope, carried: Scope, confidence: float, now: datetime
    ) -> Reply:
        choice = choose(self._knowledge, topic, asked, carried)
        gap = self._knowledge.entries[choice.entry].kind == "gap"
        if choice.uncovered and not gap:
            apart = self._each(topic, asked, choice.uncovered)
            if len(apart) > 1:
                replies = [self._answers.entry(name, message.language, now, confidence=confidence) for name in apart]
                return self._answers.several(replies, message.language)
            spoken = dict(message.reading.spoken)
            return self._answers.not_covered(choice.entry, choice.uncovered, spoken, message.language)
        return self._answers.entry(choice.entry, message.language, now, confidence=confidence, coarser=choice.coarser)

    def _each(self, topic: str, asked: Scope, uncovered: Scope) -> list[str]:
        """The entries that answer one by one what no entry answers together ("in Brussels or in Liège?"); nothing
        where one of them cannot be answered."""
        facet = next((facet for facet in ("city", "country", *uncovered) if len(asked.get(facet, ())) > 1), None)
        if facet is None:
            return []
        found: list[str] = []
        for value in asked[facet]:
            one = {facet: (value,), **self._implied(facet, value)}
            rest = {other: values for other, values in asked.items() if other not in {*one, "country", "city"}}
            choice = choose(self._knowledge, topic, {**rest, **one}, {})
            if choice.uncovered or self._knowledge.entries[choice.entry].kind != "answer":
                return []
            found.append(choice.entry)
        return list(dict.fromkeys(found))

    def _implied(self, facet: str, value: str) -> Scope:
        implied = self._knowledge.scope.implies.get(facet, {}).get(value, {})
        return {other: (name,) for other, name in implied.items()}

    def _only_scope(self, message: Message) -> bool:
        """Whether the message names a scope and nothing else ("and in France?")."""
        if not message.reading.scope:
            return False
        leaning = self._follow_ups | self._experience if YEARS in message.reading.masked else self._follow_ups
        return all(word.startswith("§") or word in leaning for word in message.reading.masked)

    def _only_post(self, session: Session, message: Message, matches: Sequence[Match]) -> bool:
        """Whether the message asks the last question of another post ("and the CEO?")."""
        topic = session.dialogue.topic
        if not topic or self._understanding.for_post(topic) == topic or message.reading.job:
            return False
        if matches and matches[0].confidence >= CLEARLY and is_knowledge(matches[0].topic):
            return False
        return (
            len(message.words) <= SHORTEST_QUESTION
            and self._leads_on(message)
            and self._understanding.names_post(message)
        )

    def _narrows(self, session: Session, message: Message, text: str, matches: Sequence[Match]) -> bool:
        """Whether the message, which is not clearly about something else, tells a scope of the topic of the
        conversation: by a statement ("I have ten years of experience") or in the manner of a follow-up ("what if I
        live in Lille?")."""
        rules = self._knowledge.scope.topics.get(session.dialogue.topic)
        if session.dialogue.entry not in self._knowledge.entries:
            return False
        if not rules or not set(message.reading.scope) & {*rules.closed, *rules.open}:
            return False
        told = any(_holds(message.words, phrase) for phrase in self._tells[message.language])
        if told and not message.reading.job and (self._leads_on(message) or "?" not in text):
            return True
        if matches and matches[0].confidence >= CLEARLY and matches[0].topic != session.dialogue.topic:
            return False
        if self._leads_on(message) or YEARS in message.reading.masked:
            return "?" not in text or self._leads_on(message)
        plain = not matches or matches[0].confidence < HARDLY
        return plain and "?" not in text and not message.reading.job

    def _leads_on(self, message: Message) -> bool:
        """Whether the message begins, or goes on, the way a follow-up does ("what about ...")."""
        leads = self._leads[message.language]
        return self._begins(message, self._leads) or any(
            len(lead) > 1 and _holds(message.words, lead) for lead in leads
        )

    def _begins(self, message: Message, phrases: Mapping[str, frozenset[tuple[str, ...]]]) -> bool:
        """Whether the message begins, perhaps after one more word, with one of the phrases of its language."""
        starts = {message.words[at : at + size] for at in (0, 1) for size in range(1, 4)}
        return not starts.isdisjoint(phrases[message.language])

    def _follow_up(self, session: Session, message: Message, now: datetime) -> Turn:
        topic = self._knowledge.entries[session.dialogue.entry].topic
        asked, carried = message.reading.scope, _scope_of(session)
        if "country" in asked and "city" not in asked:
            carried.pop("city", None)
        rules = self._knowledge.scope.topics.get(topic)
        facets = (*rules.closed, *rules.open) if rules else ()
        reply = self._of_topic(topic, message, asked, carried, 1.0, now)
        if not any(facet in facets for facet in asked):
            reply = self._answers.entry(session.dialogue.entry, message.language, now, coarser=True)
        self._remember(session, reply.entries[0], {**carried, **asked})
        return Turn(session=session, replies=[reply])

    def _both(self, session: Session, message: Message, halves: Sequence[tuple[Message, Match]], now: datetime) -> Turn:
        asked = message.reading.scope
        replies = [
            self._of_topic(match.topic, message, part.reading.scope or asked, {}, match.confidence, now)
            for part, match in halves
        ]
        self._remember(session, replies[-1].entries[0], asked)
        return Turn(session=session, replies=[self._answers.several(replies, message.language)])

    def _ask_back(self, session: Session, message: Message, matches: Sequence[Match]) -> Turn:
        names = [choose(self._knowledge, match.topic, message.reading.scope, {}).entry for match in matches[:CHOICES]]
        session.dialogue.choices = names
        reply = self._answers.choices(names, message.language, matches[0].confidence)
        return Turn(session=session, replies=[reply])

    def _ask_topic(self, session: Session, message: Message, now: datetime) -> Turn:
        """Asks what is wanted of a scope named alone ("Belgium?"), unless one topic alone knows such a scope."""
        asked = message.reading.scope
        rules = self._knowledge.scope.topics
        topics = [topic for topic in rules if asked.keys() <= {*rules[topic].closed, *rules[topic].open}]
        if len(topics) == 1:
            return self._on_topic(session, message, Match(topics[0], self._understanding.answer_from), now, leans=False)
        found = [choose(self._knowledge, topic, asked, {}) for topic in topics or rules if rules[topic].closed]
        held = [choice.entry for choice in found if not choice.uncovered]
        if not held:
            spoken = dict(message.reading.spoken)
            reply = self._answers.not_covered(found[0].entry, found[0].uncovered, spoken, message.language)
            return Turn(session=session, replies=[reply])
        session.dialogue.choices = held[:CHOICES]
        return Turn(session=session, replies=[self._answers.choices(session.dialogue.choices, message.language, 0.0)])

    def _in_context(self, session: Session, message: Message, matches: list[Match]) -> list[Match]:
        """What a short message that is not understood alone may be about after what was told last ("freelance work:
        and what are the assignments?"); the topic that was told is not meant once more."""
        last = session.dialogue.entry
        unclear = bool(matches) and matches[0].confidence < self._understanding.answer_from
        if last not in self._knowledge.entries or not unclear or len(message.words) > LONGEST_ASIDE:
            return matches
        topic = self._knowledge.entries[last].topic
        leads = [self._answers.title(last, message.language)]
        if self._leans(message):
            leads.append(self._knowledge.languages[message.language].scope.own_profession[0])
        best = matches
        for lead in leads:
            ranked = self._understanding.rank(self._understanding.after(lead, message))
            found = [match for match in ranked if is_knowledge(match.topic) and match.topic != topic]
            if found and found[0].confidence > best[0].confidence:
                best = found
        return best

    def _leans(self, message: Message) -> bool:
        return bool(message.words) and any(word in self._leaning for word in message.words)

    def _remember(self, session: Session, name: str, scope: Scope) -> None:
        topic = self._knowledge.entries[name].topic
        rules = self._knowledge.scope.topics.get(topic)
        facets = (*rules.closed, *rules.open) if rules else ()
        dialogue = session.dialogue
        dialogue.topic, dialogue.entry, dialogue.choices = topic, name, []
        if facets:
            dialogue.scope = {facet: list(values) for facet, values in scope.items() if facet in facets}


def _scope_of(session: Session) -> Scope:
    return {facet: tuple(values) for facet, values in session.dialogue.scope.items()}


def _holds(words: Sequence[str], phrase: tuple[str, ...]) -> bool:
    return any(tuple(words[at : at + len(phrase)]) == phrase for at in range(len(words) - len(phrase) + 1))


def _favour(matches: Sequence[Match], topic: str) -> list[Match]:
    """The matches with the topic of the conversation brought forward a little."""
    raised = [
        Match(match.topic, min(1.0, match.confidence + LEANING)) if match.topic == topic else match for match in matches
    ]
    return sorted(raised, key=lambda match: -match.confidence)
