"""What buttons carry: a versioned code of at most 64 bytes that says everything, so that no memory is needed."""

from conversations.messages import Button

LONGEST_DATA = 64

ENTRY = "e1"
MORE = "m1"
COMMAND = "c1"


def entry(name: str, label: str) -> Button:
    """A button that asks for an entry."""
    return Button(label=label, data=f"{ENTRY}:{name}")


def more(name: str, label: str) -> Button:
    """A button that asks for the rest of an entry."""
    return Button(label=label, data=f"{MORE}:{name}")


def command(name: str, label: str, argument: str = "") -> Button:
    """A button that acts like a command."""
    return Button(label=label, data=f"{COMMAND}:{name}:{argument}" if argument else f"{COMMAND}:{name}")


def split(data: str) -> tuple[str, str]:
    """The kind of a button and the rest of what it carries."""
    kind, _, rest = data.partition(":")
    return kind, rest
