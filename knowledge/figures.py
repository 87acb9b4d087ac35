"""Figures as a reader of each language writes them (Babel), so that no text carries a number of its own."""

import re
from collections.abc import Mapping

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_currency, format_decimal, format_percent

from knowledge.content import Figure, as_date

PLACEHOLDER = re.compile(r"\{([a-z0-9-]+)\}")
LOCALES = {"en": "en_GB", "fr": "fr_BE", "nl": "nl_BE", "de": "de_BE"}


def place(text: str, figures: Mapping[str, Figure], language: str, words: Mapping[str, str]) -> str:
    """The text with each ``{name}`` replaced by the figure of that name.

    ``words`` holds the language's ``range``, ``or_more`` and ``decade`` patterns. An unknown name is a KeyError.
    """
    return PLACEHOLDER.sub(lambda match: write(figures[match[1]], language, words), text)


def write(figure: Figure, language: str, words: Mapping[str, str]) -> str:
    """One figure in words and digits, without what the sentence around it says (gross, per month, years)."""
    value = figure.value
    if isinstance(value, str):
        return write_date(value, language)
    if isinstance(value, tuple):
        high = _number(value[1], figure, language)
        low = _number(value[0], figure, language)
        if not high.endswith(tuple("0123456789")):
            low = format_decimal(value[0], locale=LOCALES[language])
        text = words["range"].format(low=low, high=high)
    else:
        text = _number(value, figure, language)
    if figure.kind == "decade":
        text = words["decade"].format(year=text)
    return words["or_more"].format(amount=text) if figure.open else text


def write_date(partial: str, language: str) -> str:
    """A partial ISO date: "2023", "March 2019" or "26 April 2022"."""
    locale = LOCALES[language]
    match partial.count("-"):
        case 0:
            return partial
        case 1:
            return format_skeleton("yMMMM", as_date(partial), locale=locale)
        case _:
            return format_date(as_date(partial), format="long", locale=locale)


def country_name(code: str, language: str) -> str:
    """The country's name in the language; the code itself where it is unknown."""
    return str(Locale.parse(LOCALES[language]).territories.get(code, code))


def _number(value: int, figure: Figure, language: str) -> str:
    locale = LOCALES[language]
    match figure.kind:
        case "money":
            currency = figure.currency or "EUR"
            return format_currency(value, currency, locale=locale, currency_digits=False, format=_whole(locale))
        case "percent":
            return format_percent(value / 100, locale=locale)
        case "year" | "decade":
            return str(value)
        case _:
            return format_decimal(value, locale=locale)


def _whole(locale: str) -> str:
    """The locale's currency pattern without decimals."""
    pattern = Locale.parse(locale).currency_formats["standard"].pattern
    return re.sub(r"[.,]0+", "", pattern.split(";")[0]) if "." in pattern else pattern
