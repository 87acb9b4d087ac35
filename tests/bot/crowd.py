"""People who ask and take the quiz all at once, and who know what must come back, in which order, and how often."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Self

from bot_helpers import now

from bot.local.client import Control, Page, Person
from bot.telegram.rendering import html_of
from conversations.advisor import Advisor, event_of
from conversations.messages import Event, Incoming, Reply, Tap
from conversations.quiz import machine, presses
from conversations.quiz.presses import Action
from conversations.session import Session
from knowledge.content import Knowledge

TEXT_OF = {
    "sendMessage": "text", "editMessageText": "text",
    "sendPhoto": "caption", "sendDocument": "caption", "editMessageCaption": "caption",
}  # fmt: skip
"""What shows a reply, and in which parameter its words are."""

AFTERWARDS = frozenset(
    {
        *(Action.SITUATION, Action.NO_SITUATION, Action.WHY, Action.WHAT_IF, Action.LOOKS),
        *(Action.SHARE, Action.KEEP, Action.DELETE),
    }
)
"""What a person may do with a result."""


@dataclass
class Talk:
    """One person's talk; ``takes_quiz`` says whether they do nothing but take it, again and again.

    The adviser is pure, so this one, asked the same, tells what the bot has to say: ``expected`` is every text that
    has to come, ``matched`` how many came. ``twice`` holds when a text came and when it came once more (Unix time),
    ``wrong`` what came without being due.
    """

    person: Person
    language: str
    advisor: Advisor
    takes_quiz: bool
    session: Session = field(default_factory=Session)
    expected: list[str] = field(default_factory=list)
    matched: int = 0
    twice: list[tuple[float, float]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    finished: int = 0
    begun: float = 0.0
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    _last: list[Reply] = field(default_factory=list)
    _shown: dict[int, int] = field(default_factory=dict)
    _came: float = 0.0

    def tell(self, event: Event) -> None:
        """Notes what an event has to lead to."""
        was_done = self.is_done
        turn = self.advisor.respond(self.session, Incoming(event=event, language_code=self.language), now())
        self.session = turn.session
        self.asked += 1
        self.finished += self.is_done and not was_done
        self.counted.update(turn.counts)
        self._last, self._shown = turn.replies, {}
        self.expected += [html_of(reply) for reply in turn.replies]
        self.answered.clear()
        self._look()

    def came(self, text: str, message_id: int, moment: float, *, changed: bool) -> None:
        """Notes what the bot has sent or shown; ``changed`` is false for an edit that had been made already."""
        if self.matched < len(self.expected) and text == self.expected[self.matched]:
            self.matched += 1
        elif self.matched and text == self.expected[self.matched - 1]:
            self.twice += [(self._came, moment)] * changed
        else:
            self.wrong.append(text)
            return
        self._came = moment
        self._shown[self.matched - 1] = message_id
        self._look()

    def offered(self) -> list[tuple[str, int]]:
        """What the buttons under the last replies carry, each with its message."""
        first = len(self.expected) - len(self._last)
        places = [(reply, self._shown[first + number]) for number, reply in enumerate(self._last)]
        return [(button.data, id_) for reply, id_ in places for row in reply.buttons for button in row if button.data]

    @property
    def is_done(self) -> bool:
        return self.session.quiz is not None and machine.done(self.session.quiz)

    @property
    def is_open(self) -> bool:
        return self.session.quiz is not None and not machine.done(self.session.quiz)

    def _look(self) -> None:
        if self.matched == len(self.expected):
            self.answered.set()


class Crowd:
    """People in chats with the bot of the local server at ``api_url``; use it with ``async with``.

    Half of them take the quiz, again and again; the others ask, and some of them take it as well.
    """

    def __init__(self, api_url: str, advisor: Advisor, knowledge: Knowledge, people: int, *, patience: float) -> None:
        self._page = Page(api_url)
        self._control = Control(api_url)
        self._advisor = advisor
        self._form = knowledge.quiz
        self._titles = {
            name: [entry.title for entry in language.entries.values()] for name, language in knowledge.languages.items()
        }
        self._size = people
        self._patience = patience
        self._chance = random.Random(20261122)
        self._talks: dict[int, Talk] = {}
        self._stop = asyncio.Event()
        self._to_the_end = True

    async def __aenter__(self) -> Self:
        await self._page.__aenter__()
        await self._control.__aenter__()
        for number in range(self._size):
            language = tuple(self._titles)[number % len(self._titles)]
            person = await self._page.create(f"P{number}", language)
            self._talks[person.id] = Talk(person, language, self._advisor, takes_quiz=number < self._size // 2)
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

    async def finish(self, *, quizzes: bool) -> None:
        """Lets everybody have the last answer, and the quizzes under way their results. What never comes is lost."""
        self._to_the_end = quizzes
        self._stop.set()
        await asyncio.gather(*self._talking)

    def total(self) -> Counter[str]:
        """What was asked, answered, finished, sent twice and wrong, over all people."""
        counts: Counter[str] = Counter()
        for talk in self.talks:
            counts.update(
                asked=talk.asked, expected=len(talk.expected), matched=talk.matched, twice=len(talk.twice),
                wrong=len(talk.wrong), quizzes=talk.finished,
            )  # fmt: skip
        return counts

    def counted(self) -> Counter[str]:
        """What the bot has to have counted of all people, without telling them apart."""
        return sum((talk.counted for talk in self.talks), Counter())

    async def _watch(self) -> None:
        """Follows what the bot does."""
        async with aclosing(self._control.follow()) as calls:
            async for call in calls:
                answer, params = call["answer"], call["params"]
                if call["method"] not in TEXT_OF or not answer:
                    continue
                talk, text = self._talks[int(params["chat_id"])], params[TEXT_OF[call["method"]]]
                if answer["ok"]:
                    talk.came(text, answer["result"]["message_id"], call["time"], changed=True)
                elif "not modified" in answer["description"]:
                    talk.came(text, int(params["message_id"]), call["time"], changed=False)

    async def _talk(self, talk: Talk) -> None:
        chance = self._chance
        await asyncio.sleep(chance.uniform(0, 0.5))
        while not self._stop.is_set() or (self._to_the_end and talk.takes_quiz and talk.is_open):
            first = talk.session.quiz_runs
            await (self._take_quiz(talk) if talk.takes_quiz else self._ask(talk))
            try:
                await asyncio.wait_for(talk.answered.wait(), self._patience)
            except TimeoutError:
                return  # which shows in the totals
            if talk.session.quiz_runs != first:
                talk.begun = asyncio.get_running_loop().time()
            if not self._stop.is_set():
                await asyncio.sleep(chance.uniform(0, 0.3) if talk.takes_quiz else chance.uniform(0, 3))

    async def _take_quiz(self, talk: Talk) -> None:
        """A step on the way to a result, or something done with it."""
        by_action: dict[Action, list[tuple[str, int]]] = {}
        for data, message_id in talk.offered():
            if (press := presses.read(data)) is not None:
                by_action.setdefault(press.action, []).append((data, message_id))
        chance = self._chance.random()
        if talk.is_done:
            ways = [one for action, found in by_action.items() if action in AFTERWARDS for one in found]
            if ways and chance < 0.6:
                return await self._tap(talk, ways)
        elif talk.is_open and chance < 0.1:
            return await self._say(talk, str(self._chance.randint(1, 5)))
        elif talk.is_open and chance < 0.2:
            aside = {Action.SKIP, Action.BACK, Action.PAUSE, Action.HELP} & by_action.keys()
            if aside:
                return await self._tap(talk, by_action[self._chance.choice(sorted(aside))])
        elif talk.is_open and chance < 0.23:
            return await self._say(talk, self._chance.choice(self._titles[talk.language]))
        for action in (Action.RESUME, Action.ANSWER, Action.START):
            if action in by_action:
                return await self._tap(talk, by_action[action])
        return await self._say(talk, "/quiz")

    async def _ask(self, talk: Talk) -> None:
        """One to three questions or commands in a row, or a tap on whatever is offered."""
        taps = [(data, id_) for data, id_ in talk.offered() if not self._extends(data)]
        if taps and self._chance.random() < 0.4:
            return await self._tap(talk, taps)
        for _ in range(self._chance.choice((1, 1, 2, 3))):
            commands = ("/quiz", "/help", "/privacy", "/language", "/export", "/forget")
            ways = commands if self._chance.random() < 0.3 else self._titles[talk.language]
            await self._say(talk, self._chance.choice(ways))

    def _extends(self, data: str) -> bool:
        press = presses.read(data)
        return press is not None and press.action is Action.EXTEND

    async def _say(self, talk: Talk, text: str) -> None:
        await self._act(talk, event_of(text), lambda: talk.person.send(text))

    async def _tap(self, talk: Talk, ways: list[tuple[str, int]]) -> None:
        data, message_id = self._chance.choice(ways)
        await self._act(talk, Tap(data=data), lambda: talk.person.tap(message_id, data))

    async def _act(self, talk: Talk, event: Event, act: Callable[[], Awaitable[object]]) -> None:
        """Notes what has to come and does what leads to it.

        No quiz is finished in a hurry: what the bot says then depends on seconds, and it measures them by its own
        clock.
        """
        quiz = talk.session.quiz
        if quiz is not None and quiz.state == "asking" and quiz.step == len(self._form.order) - 1:
            passed = asyncio.get_running_loop().time() - talk.begun
            await asyncio.sleep(max(0.0, self._form.limits.hurried + 1 - passed))
        talk.tell(event)
        await act()
