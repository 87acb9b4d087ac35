"""Reads every fact back from the adviser: `python -m benchmarks.facts_told [--table]`.

For each entry and language it asks the entry's own questions, as a person would type them into a fresh chat, until
the entry answers; then each fact that the entry tells counts as read back in that language. Prints how many facts and
entries were reached, which were not, and with --table a line a fact: its source, its entries and languages.
"""

import sys
from datetime import UTC, datetime

from bot.advisor import make_advisor
from bot.asking import converse
from bot.settings import Settings
from conversations.advisor import Advisor
from knowledge.content import Knowledge


def reached(advisor: Advisor, knowledge: Knowledge, language: str, name: str) -> bool:
    """Whether one of the entry's questions, typed into a fresh chat, is answered with that entry in that language."""
    texts = knowledge.languages[language].entries[name]
    for question in (*texts.ask, texts.title):
        (reply,) = converse(advisor, [question], language, datetime.now(UTC))
        if name in reply.entries and reply.kind in ("answer", "related") and reply.language == language:
            return True
    return False


def main() -> int:
    """Asks, prints, and fails (1) where a fact was not told in some language."""
    advisor, knowledge = make_advisor(Settings())
    languages = list(knowledge.languages)
    told = {name: [lang for lang in languages if reached(advisor, knowledge, lang, name)] for name in knowledge.entries}
    missing = 0
    for fact, source in knowledge.facts.items():
        entries = [name for name, entry in knowledge.entries.items() if fact in entry.facts]
        where = {lang: [name for name in entries if lang in told[name]] for lang in languages}
        lost = [language for language, names in where.items() if not names]
        missing += len(lost)
        if "--table" in sys.argv:
            print(
                fact, source, *(f"{language}={','.join(names) or '-'}" for language, names in where.items()), sep="\t"
            )
        elif lost:
            print(f"{fact} ({', '.join(entries)}) was not read back in {', '.join(lost)}")
    for language in languages:
        count = sum(language in reached_in for reached_in in told.values())
        print(f"{language}: {count} of {len(told)} entries reached by one of their own questions")
    print(f"{len(knowledge.facts)} facts in {len(languages)} languages, {missing} not read back")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
