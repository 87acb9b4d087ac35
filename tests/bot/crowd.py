"""People who ask and take the quiz all at once, and who know what must come back, in which order, and how often."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Self

import httpx
from bot_helpers import Json, now

from bot.local.client import Control, Page, Person
from bot.telegram.rendering import html_of
from conversations.advisor import Advisor, event_of
from conversations.messages import Event, Incoming, Reply, Tap
from conversations.session import Session
from knowledge.content import Knowledge

LOOK_EVERY = 0.05
BEHIND = 200
"""How many calls are looked at once more, as they are recorded when they end."""


@dataclass
class Talk:
    """One person's talk. ``expected`` is every text that the bot has to send, ``matched`` how many of them came.

    The adviser is pure, so this one, asked the same, tells what the bot has to say. ``twice`` counts texts that came
    once more, ``wrong`` holds what came without being due.
    """

    person: Person
    language: str
    advisor: Advisor
    session: Session = field(default_factory=Session)
    expected: list[str] = field(default_factory=list)
    matched: int = 0
    twice: int = 0
    wrong: list[str] = field(default_factory=list)
    board: Reply | None = None
    board_id: int = 0
    asked: int = 0
    finished: int = 0

    def tell(self, event: Event) -> None:
        """Notes what an event has to lead to."""
        before = self.session.quiz.finished_at if self.session.quiz else None
        turn = self.advisor.respond(self.session, Incoming(event=event, language_code=self.language), now())
        self.session = turn.session
        self.asked += 1
        self.expected += [html_of(reply) for reply in turn.replies]
        self.board = next((reply for reply in reversed(turn.replies) if reply.slot), self.board)
        after = self.session.quiz.finished_at if self.session.quiz else None
        self.finished += after is not None and after != before

    def came(self, text: str, message_id: int, *, changed: bool) -> None:
        """Notes what the bot has sent or shown; ``changed`` is false for an edit that had been made already."""
        if self.matched < len(self.expected) and text == self.expected[self.matched]:
            self.matched += 1
        elif self.matched and text == self.expected[self.matched - 1]:
            self.twice += changed
        else:
            self.wrong.append(text)
        if self.board and text == html_of(self.board):
            self.board_id = message_id

    @property
    def is_answered(self) -> bool:
        return self.matched == len(self.expected)


class Crowd:
    """People in chats with the bot of the local server at ``api_url``; use it with ``async with``."""

    def __init__(self, api_url: str, advisor: Advisor, knowledge: Knowledge, people: int, *, patience: float) -> None:
        self._page = Page(api_url)
        self._page.http = httpx.AsyncClient(base_url=api_url, timeout=30, limits=httpx.Limits(max_connections=20))
        self._control = Control(api_url)
        self._advisor = advisor
        self._knowledge = knowledge
        self._size = people
        self._patience = patience
        self._chance = random.Random(20261122)
        self._talks: dict[int, Talk] = {}
        self._seen: set[int] = set()
        self._stop = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self._page.__aenter__()
        await self._control.__aenter__()
        for number in range(self._size):
            language = ("en", "fr", "nl", "de")[number % 4]
            person = await self._page.create(f"P{number}", language)
            self._talks[person.id] = Talk(person, language, self._advisor)
        self._watching = asyncio.create_task(self._watch())
        self._talking = [asyncio.create_task(self._talk(talk)) for talk in self._talks.values()]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in (self._watching, *self._talking):
            task.cancel()
        await asyncio.gather(self._watching, *self._talking, return_exceptions=True)
        await self._page.__aexit__()
        await self._control.__aexit__()

    @property
    def talks(self) -> list[Talk]:
        return list(self._talks.values())

    async def finish(self) -> None:
        """Lets everybody have the last answer. TimeoutError where one does not come."""
        self._stop.set()
        await asyncio.gather(*self._talking)

    def total(self) -> Counter[str]:
        """What was asked, answered, finished, sent twice and wrong, over all people."""
        counts: Counter[str] = Counter()
        for talk in self.talks:
            counts.update(
                asked=talk.asked, expected=len(talk.expected), matched=talk.matched, twice=talk.twice,
                wrong=len(talk.wrong), quizzes=talk.finished,
            )  # fmt: skip
        return counts

    async def _watch(self) -> None:
        """Follows what the bot does."""
        last = 0
        while True:
            calls = [one for one in await self._control.calls(after=max(0, last - BEHIND)) if self._is_new(one)]
            last = max((one["number"] for one in calls), default=last)
            for call in sorted(calls, key=lambda one: one["number"]):
                self._note(call)
            await asyncio.sleep(LOOK_EVERY)

    def _is_new(self, call: Json) -> bool:
        number = call["number"]
        return number not in self._seen and not self._seen.add(number)  # type: ignore[func-returns-value]

    def _note(self, call: Json) -> None:
        answer, params = call["answer"], call["params"]
        if call["method"].lower() not in ("sendmessage", "editmessagetext") or not answer:
            return
        talk = self._talks[int(params["chat_id"])]
        if answer["ok"]:
            talk.came(params["text"], answer["result"]["message_id"], changed=True)
        elif "not modified" in answer["description"]:
            talk.came(params["text"], int(params["message_id"]), changed=False)

    async def _talk(self, talk: Talk) -> None:
        await asyncio.sleep(self._chance.uniform(0, 0.5))
        while not self._stop.is_set():
            await self._say(talk)
            async with asyncio.timeout(self._patience):
                while not talk.is_answered:  # noqa: ASYNC110
                    await asyncio.sleep(LOOK_EVERY)
            await asyncio.sleep(self._chance.uniform(0, 0.4))

    async def _say(self, talk: Talk) -> None:
        """A tap on the quiz, or one to three messages in a row."""
        taps = [button.data for row in (talk.board.buttons if talk.board else ()) for button in row]
        steps = [data for data in taps if data.endswith((":s", ":a0", ":a1", ":a2", ":a3", ":a4"))]
        if steps and self._chance.random() < 0.7:
            data = self._chance.choice(steps)
            talk.tell(Tap(data=data))
            await talk.person.tap(talk.board_id, data)
            return
        for _ in range(self._chance.choice((1, 1, 2, 3))):
            text = self._text(talk, is_asked=bool(steps))
            talk.tell(event_of(text))
            await talk.person.send(text)

    def _text(self, talk: Talk, *, is_asked: bool) -> str:
        chance = self._chance.random()
        if not is_asked and chance < 0.4:
            return "/quiz"
        if is_asked and chance < 0.6:
            return str(self._chance.randint(1, 5))
        entries = self._knowledge.languages[talk.language].entries
        return self._chance.choice(["/help", "/privacy", *(entry.title for entry in entries.values())])
