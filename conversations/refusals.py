"""What the adviser does not know, said plainly and with the reason: another profession, employer or subject."""

from collections.abc import Sequence

from conversations.answering import Answers
from conversations.messages import Kind
from conversations.session import Session, Turn
from knowledge.content import Knowledge
from knowledge.matching.matcher import Match
from knowledge.phrasings import ELSEWHERE, is_knowledge
from knowledge.scope import COMPANY, PROFESSION
from knowledge.understanding import Message, Understanding

NEAR = 0.1
"""Confidence from which a topic is worth naming when the question was not understood."""


class Refusals:
    """Words what is not answered, and what is known nearby."""

    def __init__(self, knowledge: Knowledge, understanding: Understanding, answers: Answers) -> None:
        self._knowledge = knowledge
        self._understanding = understanding
        self._answers = answers

    def reason(self, session: Session, message: Message, matches: Sequence[Match]) -> Turn | None:
        """The reply to a question about another profession, a named company or another subject; None for any other."""
        reading, language = message.reading, message.language
        if PROFESSION in reading.named and not reading.job and not self._may_name_professions(matches):
            subject = self._knowledge.languages[language].career.subject
            named = reading.named[PROFESSION][0]
            text = self._answers.say("other_profession", language, subject=subject, named=named)
            names = self._knowledge.career.highlights[:3]
            return Turn(session=session, replies=[self._answers.plain(Kind.FALLBACK, text, language, names)])
        if matches and matches[0].topic.startswith(ELSEWHERE) and not reading.job:
            return self._elsewhere(session, message, matches[0])
        employer = reading.named[COMPANY][0] if COMPANY in reading.named else self._understanding.employer(message)
        if employer:
            return self._company(session, employer, language)
        if matches and matches[0].topic.startswith(ELSEWHERE):
            return self._elsewhere(session, message, matches[0])
        return None

    def not_understood(self, session: Session, message: Message, matches: Sequence[Match]) -> Turn:
        """Says that the question was not understood, and offers what it may have been about."""
        language = message.language
        subject = self._knowledge.languages[language].career.subject
        known = [match.topic for match in matches if match.confidence >= NEAR and is_knowledge(match.topic)]
        near = [self._knowledge.default_of(topic) for topic in known]
        names = tuple(dict.fromkeys((*near[:2], *self._knowledge.career.highlights)))[:3]
        text = self._answers.say("fallback", language, subject=subject)
        confidence = matches[0].confidence if matches else 0.0
        reply = self._answers.plain(Kind.FALLBACK, text, language, names)
        return Turn(session=session, replies=[reply.model_copy(update={"confidence": confidence})])

    def _may_name_professions(self, matches: Sequence[Match]) -> bool:
        """Whether the question is one about the career in which other professions occur ("can I become a teacher?")."""
        if not matches or matches[0].confidence < self._understanding.answer_from:
            return False
        rules = self._knowledge.scope.topics.get(matches[0].topic)
        return rules is not None and rules.professions

    def _elsewhere(self, session: Session, message: Message, match: Match) -> Turn:
        """Says that another subject was asked about, and which where that is sure."""
        if match.confidence < self._understanding.answer_from:
            return self.not_understood(session, message, [])
        texts = self._knowledge.languages[message.language]
        named = texts.elsewhere[match.topic.removeprefix(ELSEWHERE)].name
        text = self._answers.say("elsewhere", message.language, subject=texts.career.subject, named=named)
        names = self._knowledge.career.highlights[:3]
        return Turn(session=session, replies=[self._answers.plain(Kind.FALLBACK, text, message.language, names)])

    def _company(self, session: Session, employer: str, language: str) -> Turn:
        name = self._knowledge.career.company_entry
        entry = self._knowledge.entries[name]
        text = self._answers.say("not_named", language, named=employer.title())
        reply = self._answers.plain(Kind.RELATED, text, language, entry.related[:3])
        return Turn(session=session, replies=[reply.model_copy(update={"entries": (name,), "sources": entry.sources})])
