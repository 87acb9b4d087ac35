"""The command line: run, local, ask, check, index, counts, and the upkeep of the database."""

import argparse
import asyncio
import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path

from bot import logs, settings
from bot.lasting import lasting
from bot.settings import LOCAL_DATABASE, Settings, SettingsError

OK, FOUND, MISUSE = 0, 1, 2

Command = Callable[[argparse.Namespace, Settings], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command. 0: done, 1: `check` found or `rekey` left something, 2: not run, with one line that says why."""
    options = _parser().parse_args(arguments)
    try:
        chosen = settings.load()
    except SettingsError as error:
        return _misuse(str(error))
    logs.configure(chosen.log_level)
    try:
        return int(options.command(options, chosen))
    except KeyboardInterrupt:
        return OK
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:
        line = _expected(error)
        if line is None:
            raise
        return _misuse(line)


def _run(options: argparse.Namespace, chosen: Settings) -> int:
    if chosen.token is None and (options.polling or options.webhook):
        return _misuse("TELEGRAM_BOT_TOKEN is not set; without a token only the local chat can run (`run --local`)")
    if options.webhook:
        chosen.hook()
    with lasting():
        from bot import running

    if options.local or chosen.token is None:
        asyncio.run(running.run_local(chosen))
    else:
        asyncio.run(running.run_telegram(chosen, take_over=options.polling, webhook=options.webhook))
    return OK


def _local(options: argparse.Namespace, _chosen: Settings) -> int:
    from bot.local.alone import AloneError, Wishes, serve_alone

    wishes = Wishes(options.port, options.token, options.keep, options.username, options.name, options.rates)
    try:
        asyncio.run(serve_alone(wishes))
    except AloneError as error:
        return _misuse(str(error))
    return OK


def _ask(options: argparse.Namespace, chosen: Settings) -> int:
    from bot.advisor import make_advisor
    from bot.asking import Request, converse, shown
    from conversations.messages import plain

    if not options.jsonl and not options.question:
        return _misuse("ask needs a question, or --jsonl with requests on standard input")
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    advisor, _ = make_advisor(chosen)
    now = datetime.now(UTC)
    if not options.jsonl:
        for reply in converse(advisor, [" ".join(options.question)], options.language, now):
            print(plain(shown(reply)))
        return OK
    for number, line in enumerate(sys.stdin.buffer, start=1):
        if not line.strip():
            continue
        try:
            request = Request.model_validate_json(line)
        except ValueError:
            return _misuse(
                f'line {number}: not a request such as {{"id": "1", "turns": ["..."], "language_code": "en"}}'
            )
        replies = converse(advisor, request.turns, request.language_code, now)
        answer = {"id": request.id, "replies": [reply.model_dump() for reply in replies]}
        print(json.dumps(answer, ensure_ascii=False), flush=True)
    return OK


def _check(_options: argparse.Namespace, chosen: Settings) -> int:
    from knowledge.checks import check
    from knowledge.reading import ContentError, read
    from knowledge.understanding import index_of

    try:
        knowledge, folder = read(chosen.content)
        problems = check(knowledge, folder, index_of(chosen.content))
    except ContentError as error:
        problems = error.problems
        if not chosen.content.is_dir():
            return _misuse(str(problems[0]))
    for problem in problems:
        print(problem)
    if problems:
        print(f"{len(problems)} problem{'s' if len(problems) > 1 else ''} found", file=sys.stderr)
        return FOUND
    print(
        f"{knowledge.name}: {len(knowledge.entries)} entries, {len(knowledge.facts)} facts, "
        f"{len(knowledge.figures)} figures in {', '.join(knowledge.languages)}: all in order"
    )
    return OK


def _index(_options: argparse.Namespace, chosen: Settings) -> int:
    from bot.advisor import make_index
    from knowledge.matching.encoder import NoEncoder

    try:
        print(make_index(chosen.content))
    except NoEncoder:
        return _misuse("making the index needs the sentence encoder, which is there and cannot be loaded")
    except ImportError:
        return _misuse("making the index needs scikit-learn: `pip install scikit-learn`, or run it where tests run")
    return OK


def _counts(options: argparse.Namespace, chosen: Settings) -> int:
    from bot import upkeep

    print(asyncio.run(upkeep.tell_counts(chosen, _address(options, chosen))))
    return OK


def _status(options: argparse.Namespace, chosen: Settings) -> int:
    from bot import upkeep

    print(asyncio.run(upkeep.tell_status(chosen, _address(options, chosen))))
    return OK


def _backup(options: argparse.Namespace, chosen: Settings) -> int:
    from bot import upkeep

    print(upkeep.make_backup(_address(options, chosen), options.file))
    return OK


def _restore(options: argparse.Namespace, chosen: Settings) -> int:
    from bot import upkeep

    print(upkeep.put_back(chosen, _address(options, chosen), options.file))
    return OK


def _key(_options: argparse.Namespace, _chosen: Settings) -> int:
    from conversations.store.sealing import new_key

    print(new_key())
    return OK


def _rekey(options: argparse.Namespace, chosen: Settings) -> int:
    from bot import upkeep

    told, is_all = asyncio.run(upkeep.change_key(chosen, _address(options, chosen)))
    print(told)
    return OK if is_all else FOUND


def _address(options: argparse.Namespace, chosen: Settings) -> str:
    """The database that is meant: the one that serves Telegram, or the local chat's."""
    return chosen.database(LOCAL_DATABASE) if options.local else chosen.database()


def _expected(error: Exception) -> str | None:
    """The one line for an error that an operator can mend; None for one that is ours."""
    from knowledge.reading import ContentError

    if isinstance(error, ContentError):
        more = f" (and {len(error.problems) - 1} more; see `python -m bot check`)" if error.problems[1:] else ""
        return f"the content cannot be used: {error.problems[0]}{more}"
    if isinstance(error, SettingsError):
        return str(error)
    if "conversations.store.database" in sys.modules:
        from conversations.store.database import StoreError
        from conversations.store.transactions import StoreUnavailable

        if isinstance(error, StoreError):
            return str(error)
        if isinstance(error, StoreUnavailable):
            return f"the database fails ({error}); run it again when it works"
    if "bot.running" in sys.modules:
        from bot.running import StartError

        if isinstance(error, StartError):
            return str(error)
    return None


def _misuse(line: str) -> int:
    print(f"cap-cto: {logs.redact(line)}", file=sys.stderr)
    return MISUSE


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return number


def _username(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{4,31}", text):
        raise argparse.ArgumentTypeError("a username has 5 to 32 letters, digits and underscores")
    return text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cap-cto", description="A career adviser about one job, on Telegram.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="run the bot: on Telegram with a token, else as a local chat")
    mode = run.add_mutually_exclusive_group()
    mode.add_argument(
        "--polling", action="store_true", help="fetch updates from Telegram, removing a webhook that is set"
    )
    mode.add_argument("--webhook", action="store_true", help="have Telegram bring updates to CAP_CTO_WEBHOOK_URL")
    mode.add_argument("--local", action="store_true", help="run the local chat even where a token is set")
    run.set_defaults(command=_run)

    local = commands.add_parser(
        "local",
        help="run only the local Bot API server with its chat page, for any bot",
        description="Runs the local Bot API server with its chat page and no bot. Your bot, in any language, talks to "
        "it instead of api.telegram.org. Without --token any well-formed token is a bot: the first one used is the bot "
        "that the page shows, others get chats of their own (?bot=<id>).",
    )
    local.add_argument("--port", type=_port, default=8081, help="the port on 127.0.0.1 (default 8081; 0: a free one)")
    local.add_argument("--token", help="the only token to accept (default: any, such as 123456789:letters)")
    local.add_argument("--keep", type=Path, metavar="FILE", help="keep everything in this file (default: in memory)")
    local.add_argument("--username", type=_username, default="local_bot", help="the bot's username")
    local.add_argument("--name", default="Local bot", help="the bot's name, until it sets one")
    local.add_argument("--rates", action="store_true", help="refuse with 429 what comes faster than Telegram allows")
    local.set_defaults(command=_local)

    ask = commands.add_parser("ask", help="ask one question, or many with --jsonl")
    ask.add_argument("question", nargs="*", help="the question")
    ask.add_argument("--language", help="the language that Telegram would report, such as fr")
    ask.add_argument("--jsonl", action="store_true", help="requests on standard input, replies on standard output")
    ask.set_defaults(command=_ask)

    check = commands.add_parser("check", help="check all content")
    check.set_defaults(command=_check)

    index = commands.add_parser("index", help="learn from the phrasings, after they have changed (takes minutes)")
    index.set_defaults(command=_index)

    def upkeep(
        name: str, command: Callable[[argparse.Namespace, Settings], int], about: str
    ) -> argparse.ArgumentParser:
        """A command that does something with a database."""
        added = commands.add_parser(name, help=about)
        added.add_argument("--local", action="store_true", help="the local chat's database")
        added.set_defaults(command=command)
        return added

    upkeep("counts", _counts, "how many say that their quiz result looks like them")
    upkeep("status", _status, "what waits to be answered or sent, and what has failed")
    backup = upkeep("backup", _backup, "copy the SQLite database while the bot runs")
    backup.add_argument("file", type=Path, help="the copy, a new file")
    restore = upkeep("restore", _restore, "put a copy in the place of the SQLite database")
    restore.add_argument("file", type=Path, help="a copy made by backup")
    upkeep("rekey", _rekey, "seal everything with the first of several keys")
    key = commands.add_parser("key", help="make a new key for CAP_CTO_KEY")
    key.set_defaults(command=_key)
    return parser


if __name__ == "__main__":
    sys.exit(main())
