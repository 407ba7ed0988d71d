"""The messages of form fields in German, and an example of a catalogue: `InertiaConfig(validation_message=GERMAN)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ("GERMAN",)


GERMAN: Final[Mapping[str, str]] = {
    "required": "Bitte füllen Sie dieses Feld aus.",
    "type": "Muss {types} sein.",
    "min_length": "Muss mindestens {min} Zeichen haben.",
    "max_length": "Darf höchstens {max} Zeichen haben.",
    "min_items": "Muss mindestens {min} Einträge haben.",
    "min_items.one": "Muss mindestens einen Eintrag haben.",
    "max_items": "Darf höchstens {max} Einträge haben.",
    "max_items.one": "Darf höchstens einen Eintrag haben.",
    "items": "Muss genau {count} Einträge haben.",
    "items.one": "Muss genau einen Eintrag haben.",
    "min": "Muss mindestens {min} sein.",
    "max": "Darf höchstens {max} sein.",
    "more_than": "Muss größer als {min} sein.",
    "less_than": "Muss kleiner als {max} sein.",
    "multiple_of": "Muss ein Vielfaches von {multiple_of} sein.",
    "max_digits": "Darf höchstens {max} Ziffern haben.",
    "max_digits.one": "Darf höchstens eine Ziffer haben.",
    "max_whole_digits": "Darf höchstens {max} Ziffern vor dem Komma haben.",
    "max_whole_digits.one": "Darf höchstens eine Ziffer vor dem Komma haben.",
    "max_decimal_places": "Darf höchstens {max} Nachkommastellen haben.",
    "max_decimal_places.one": "Darf höchstens eine Nachkommastelle haben.",
    "pattern": "Hat das falsche Format.",
    "choice": "Muss eine der Möglichkeiten sein.",
    "past": "Muss in der Vergangenheit liegen.",
    "future": "Muss in der Zukunft liegen.",
    "timezone": "Muss eine Zeitzone haben.",
    "no_timezone": "Darf keine Zeitzone haben.",
    "out_of_range": "Liegt außerhalb des möglichen Bereichs.",
    "url_scheme": "Muss mit {schemes} beginnen.",
    "unknown": "Unbekanntes Feld: {name}.",
    "malformed": "Das Formular konnte nicht gelesen werden.",
    "invalid": "Ist ungültig.",
    "unauthorized": "Bitte melden Sie sich an.",
    "forbidden": "Dazu sind Sie nicht berechtigt.",
    "conflict": "Das wurde inzwischen geändert. Bitte laden Sie die Seite neu und versuchen Sie es noch einmal.",
    "too_large": "Das Formular ist zu groß.",
    "too_many_requests": "Zu viele Versuche. Bitte versuchen Sie es später noch einmal.",
    "refused": "Das hat nicht funktioniert. Bitte versuchen Sie es noch einmal.",
    "or": " oder ",
    "types.text": "Text",
    "types.integer": "eine ganze Zahl",
    "types.number": "eine Zahl",
    "types.boolean": "ja oder nein",
    "types.list": "eine Liste",
    "types.object": "ein Objekt",
    "types.empty": "leer",
    "types.date": "ein Datum",
    "types.datetime": "ein Datum mit Uhrzeit",
    "types.time": "eine Uhrzeit",
    "types.duration": "eine Dauer",
    "types.uuid": "eine UUID",
    "types.email": "eine E-Mail-Adresse",
    "types.url": "eine Internetadresse",
    "types.ip": "eine IP-Adresse",
    "types.colour": "eine Farbe",
    "types.card": "eine Kartennummer",
    "types.size": "eine Größenangabe",
    "types.base64": "Base64-Text",
    "types.file": "eine Datei",
}
"""The German catalogue; its keys are those of `ENGLISH`."""
