"""The command line: what it prints, how it ends, and one line for whatever an operator can mend."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from bot_helpers import Json, Terminal

from bot.asking import Request
from bot.local import LocalServer
from knowledge.content import LANGUAGES
from knowledge.reading import CAREER

TOKEN = "1234567890:AAHtestsecretTESTSECRETtestsecret_-12"
KEYS = {"kind", "text", "language", "entries", "confidence", "sources", "buttons"}
KINDS = {"answer", "choices", "related", "fallback", "smalltalk", "quiz", "command"}


def asked(terminal: Terminal, *requests: Json) -> list[Json]:
    """What ``ask --jsonl`` says to these requests; it speaks UTF-8 even where the terminal does not."""
    lines = "\n".join(json.dumps(one, ensure_ascii=False) for one in requests)
    done = terminal.run("ask", "--jsonl", stdin=lines, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


# ask


def test_ask_prints_the_answer_its_source_and_its_buttons(terminal: Terminal) -> None:
    done = terminal.run("ask", "what", "does a CTO earn", "in Belgium?", "--language", "en")
    assert (done.returncode, done.stderr) == (0, "")
    answer, *rest = done.stdout.splitlines()
    assert "€" in done.stdout
    assert "**" not in done.stdout
    assert answer
    assert any(line.startswith("Source: ") for line in rest)
    assert rest[-1].startswith("[")


def test_ask_jsonl_keeps_its_contract(terminal: Terminal) -> None:
    requests: list[Json] = [
        {"id": "z-2", "turns": ["what does a CTO earn in Belgium?", "and in France?"], "language_code": "en"},
        {"id": "a-1", "turns": ["/language de", "/help"], "language_code": "en"},
        {"id": "a-2", "turns": ["/help"], "language_code": "en"},
        {"id": "same", "turns": ["combien gagne un CTO en Belgique ?"]},
        {"id": "same", "turns": ["wat verdient een CTO in België?"], "language_code": None},
        {"id": "quiz", "turns": ["/quiz", "what does a CTO do?", "/help", "/start quiz"], "language_code": "nl-BE"},
        {"id": "odd", "turns": ["", "🙂", "<b>&", "x" * 4096, "/unknown", "\u0000"], "language_code": "xx"},
        {"id": "none", "turns": [], "language_code": "de"},
        {"id": "more", "turns": ["hallo"], "language_code": "de", "what": "is not known"},
    ]
    replies = asked(terminal, *requests)

    assert [reply["id"] for reply in replies] == [request["id"] for request in requests]
    for request, reply in zip(requests, replies, strict=True):
        assert reply.keys() == {"id", "replies"}
        assert len(reply["replies"]) == len(request["turns"])
        for one in reply["replies"]:
            assert one.keys() >= KEYS
            assert one["kind"] in KINDS
            assert one["language"] in LANGUAGES
            assert 0 <= one["confidence"] <= 1
            assert one["text"].strip()
            assert "**" not in one["text"]
            assert all(isinstance(name, str) for key in ("entries", "sources", "buttons") for name in one[key])

    by_id = {reply["id"]: reply["replies"] for reply in replies}
    belgium, france = by_id["z-2"]
    assert (belgium["kind"], france["kind"]) == ("answer", "answer")
    assert belgium["entries"] != france["entries"]
    assert belgium["sources"]
    assert [by_id["a-1"][1]["language"], by_id["a-2"][0]["language"]] == ["de", "en"]
    assert [reply["replies"][0]["language"] for reply in replies if reply["id"] == "same"] == ["fr", "nl"]
    assert [one["kind"] for one in by_id["quiz"]] == ["quiz", "answer", "command", "quiz"]
    assert by_id["quiz"][0]["language"] == "nl"
    assert by_id["more"][0]["kind"] == "smalltalk"


def test_ask_answers_every_line_before_the_one_it_cannot_read(terminal: Terminal) -> None:
    good, bad = b'{"id": "1", "turns": ["hello"]}\n', b'{"id": "\xff", "turns": []}\n'
    done = terminal.run("ask", "--jsonl", stdin=good + b"\n" + good + bad + good, PYTHONIOENCODING="utf-8:strict")
    assert done.returncode == 2
    assert len(done.stdout.splitlines()) == 2
    said = one_line(done.stderr)
    assert said.startswith("line 4: ")
    assert '"turns"' in said


@pytest.mark.parametrize("line", ["{broken", '{"id": 1, "turns": "hello"}', "[]", '{"id": "1"}', '{"id": "\\ud800"}'])
def test_what_is_no_request_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"validation error"):
        Request.model_validate_json(line)


def test_ask_without_a_question_is_one_line(terminal: Terminal) -> None:
    done = terminal.run("ask")
    assert done.returncode == 2
    assert one_line(done.stderr).startswith("ask needs a question")


# check


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A copy of the content, to be broken."""
    return Path(shutil.copytree(CAREER, tmp_path / "content" / "cto"))


def test_check_is_content_with_the_content(terminal: Terminal) -> None:
    done = terminal.run("check")
    assert (done.returncode, done.stderr) == (0, "")
    assert "all in order" in done.stdout


def test_check_names_file_and_line_of_what_is_broken(terminal: Terminal, content: Path) -> None:
    figures = content / "figures.yaml"
    figures.write_text(figures.read_text(encoding="utf-8") + "odd.figure:\n  nonsense: 1\n", encoding="utf-8")
    line = len(figures.read_text(encoding="utf-8").splitlines()) - 1
    broken = terminal.run("check", CAP_CTO_CONTENT=str(content))
    assert broken.returncode == 1
    assert f"cto/figures.yaml:{line}: " in broken.stdout or f"cto/figures.yaml:{line + 1}: " in broken.stdout
    assert "problem" in one_line(broken.stderr, named=False)
    asking = terminal.run("ask", "hello", CAP_CTO_CONTENT=str(content))
    assert (asking.returncode, asking.stdout) == (2, "")
    assert "cto/figures.yaml:" in one_line(asking.stderr)


def test_check_tells_of_every_file_that_is_no_content(terminal: Terminal, content: Path) -> None:
    damage = {"pay": b"a: b: c\n", "role": b"\xff\xfe", "studies": b"- just\n- a list\n"}
    for name, data in damage.items():
        (content / "en" / f"{name}.yaml").write_bytes(data)
    done = terminal.run("check", CAP_CTO_CONTENT=str(content))
    assert done.returncode == 1
    for name in damage:
        assert f"cto/en/{name}.yaml:1: " in done.stdout
    assert "problem" in one_line(done.stderr, named=False)


@pytest.mark.parametrize("command", [["check"], ["ask", "hello"]], ids=" ".join)
def test_a_content_folder_that_is_missing_is_one_line(terminal: Terminal, tmp_path: Path, command: list[str]) -> None:
    done = terminal.run(*command, CAP_CTO_CONTENT=str(tmp_path / "nowhere"))
    assert (done.returncode, done.stdout) == (2, "")
    assert str(tmp_path / "nowhere") in one_line(done.stderr)


# run: what an operator can mend


def one_line(stderr: str, *, named: bool = True) -> str:
    """The only line on standard error, without the name of the program."""
    assert len(stderr.splitlines()) == 1, stderr
    assert TOKEN not in stderr
    assert TOKEN.partition(":")[2] not in stderr
    if not named:
        return stderr.strip()
    assert stderr.startswith("cap-cto: ")
    return stderr.removeprefix("cap-cto: ").strip()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CAP_CTO_LOG_LEVEL", "loud"),
        ("CAP_CTO_LOCAL_PORT", "70000"),
        ("CAP_CTO_LOCAL_PORT", "many"),
        ("TELEGRAM_API_URL", "api.telegram.org"),
        ("TELEGRAM_API_URL", "http://[::1"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(terminal: Terminal, name: str, value: str) -> None:
    done = terminal.run("run", **{"TELEGRAM_BOT_TOKEN": TOKEN, name: value})
    assert (done.returncode, done.stdout) == (2, "")
    assert one_line(done.stderr).startswith(f"{name}: ")


@dataclass(frozen=True)
class Fault:
    """What is wrong, and what the one line must hold; ``here`` stands for the data folder."""

    settings: dict[str, str]
    said: str
    mode: str = "--polling"


FAULTS = {
    "unknown database": Fault({"DATABASE_URL": f"mongodb://user:{TOKEN}@127.0.0.1/x"}, "mongodb"),
    "database out of reach": Fault({"DATABASE_URL": "sqlite+aiosqlite:////proc/x/y"}, "unable to open database file"),
    "no folder": Fault({}, "{here}"),
    "broken chat": Fault({}, "{here}/local-chat.sqlite3", "--local"),
    "port in use": Fault({"CAP_CTO_LOCAL_PORT": "{port}"}, "{port} is in use; set CAP_CTO_LOCAL_PORT", "--local"),
    "no answer": Fault({"TELEGRAM_API_URL": "http://user:hushhush@127.0.0.1:{silent}"}, "TELEGRAM_API_URL: "),
}


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[CompletedProcess[str], str]]]:
    """How each fault ends, and what was to be said; two are run at a time."""
    folders = {name: tmp_path_factory.mktemp(name.replace(" ", "-")) / "data" for name in FAULTS}
    folders["no folder"].write_text("a file stands where the folder should")
    folders["broken chat"].mkdir()
    (folders["broken chat"] / "local-chat.sqlite3").write_bytes(b"not the database you are looking for " * 100)

    with socket.create_server(("127.0.0.1", 0)) as taken, socket.create_server(("127.0.0.1", 0)) as quiet:
        ports = {"port": taken.getsockname()[1], "silent": quiet.getsockname()[1]}
        quiet.close()

        def run(name: str) -> tuple[CompletedProcess[str], str]:
            fault, words = FAULTS[name], ports | {"here": folders[name]}
            settings = {key: value.format(**words) for key, value in fault.settings.items()}
            done = Terminal(folders[name]).run("run", fault.mode, **{"TELEGRAM_BOT_TOKEN": TOKEN} | settings)
            return done, fault.said.format(**words)

        with ThreadPoolExecutor(2) as pool:
            yield dict(zip(FAULTS, pool.map(run, FAULTS), strict=True))


@pytest.mark.parametrize("name", FAULTS)
def test_what_an_operator_can_mend_is_one_line(ended: dict[str, tuple[CompletedProcess[str], str]], name: str) -> None:
    done, said = ended[name]
    assert (done.returncode, done.stdout) == (2, "")
    assert said in one_line(done.stderr)
    assert "hushhush" not in done.stderr


def test_polling_without_a_token_is_one_line(terminal: Terminal) -> None:
    done = terminal.run("run", "--polling", TELEGRAM_BOT_TOKEN=" ")
    assert (done.returncode, done.stdout) == (2, "")
    assert one_line(done.stderr).startswith("TELEGRAM_BOT_TOKEN is not set")


async def test_a_wrong_token_and_a_wrong_address_are_one_line(terminal: Terminal, server: LocalServer) -> None:
    wrong_token = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": server.api_url}
    wrong_address = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": f"{server.api_url}/wrong"}
    other = Terminal(terminal.data.with_name("other"))
    async with await terminal.start("run", **wrong_token) as one, await other.start("run", **wrong_address) as two:
        assert [await one.ended(), await two.ended()] == [2, 2]
    assert "TELEGRAM_BOT_TOKEN" in one_line(one.stderr)
    assert "TELEGRAM_API_URL" in one_line(two.stderr)


@pytest.mark.parametrize("arguments", [[], ["dance"], ["run", "--polling", "--local"], ["ask", "--loud"]])
def test_a_wrong_command_is_refused_with_its_usage(terminal: Terminal, arguments: list[str]) -> None:
    done = terminal.run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: cap-cto")
