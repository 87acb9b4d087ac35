"""Putting values into the sentences of the content."""

import re

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def fill(text: str, /, **values: object) -> str:
    """The text with each ``{name}`` replaced; KeyError where one is missing. Values are not read again."""
    return _PLACEHOLDER.sub(lambda match: str(values[match[1]]), text)
