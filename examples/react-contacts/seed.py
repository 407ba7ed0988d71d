"""The demo data: the same 40 organisations, 500 contacts and their history on every machine."""

import re
import unicodedata
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random
from typing import Any

from models import Activity, Contact, Organisation, Status
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

CONTACTS = 500
# A fixed day instead of today, so that the rows and the pages are the same on every run.
TODAY = datetime(2026, 10, 30, 16, 0, tzinfo=UTC)

ORGANISATIONS = """
Northwind Foods|Food and drink|Gothenburg|Sweden
Harbour & Pine|Furniture|Copenhagen|Denmark
Lumen Optics|Manufacturing|Jena|Germany
Bluebell Health|Healthcare|Bristol|UK
Alder Legal|Legal services|Edinburgh|UK
Kestrel Aviation|Transport|Toulouse|France
Solis Energy|Energy|Seville|Spain
Fjord Systems|Software|Bergen|Norway
Marlow Press|Publishing|Oxford|UK
Quarry Stoneworks|Construction|Carrara|Italy
Tidewater Logistics|Transport|Rotterdam|Netherlands
Juniper Labs|Biotech|Basel|Switzerland
Copperfield Bank|Finance|Zurich|Switzerland
Meadow Dairy|Food and drink|Cork|Ireland
Orchard Schools|Education|Cambridge|UK
Polar Freight|Transport|Tromsø|Norway
Cedar Insurance|Finance|Munich|Germany
Atlas Cartography|Software|Tartu|Estonia
Brightwater Utilities|Energy|Porto|Portugal
Vela Sailcloth|Manufacturing|La Rochelle|France
Ember Studios|Media|Berlin|Germany
Granite Security|Software|Helsinki|Finland
Saffron Kitchens|Hospitality|Lyon|France
Wren Architecture|Construction|Bath|UK
Halcyon Hotels|Hospitality|Lisbon|Portugal
Pioneer Seeds|Agriculture|Ghent|Belgium
Sterling Audio|Manufacturing|Aarhus|Denmark
Clover Veterinary|Healthcare|Galway|Ireland
Nimbus Cloudworks|Software|Dublin|Ireland
Redwood Timber|Construction|Umeå|Sweden
Beacon Charity|Non-profit|Manchester|UK
Opal Cosmetics|Retail|Milan|Italy
Summit Outdoor|Retail|Innsbruck|Austria
Vantage Research|Consulting|Vienna|Austria
Silverline Rail|Transport|Prague|Czechia
Aurora Textiles|Manufacturing|Łódź|Poland
Compass Recruiting|Consulting|Warsaw|Poland
Mosaic Games|Media|Malmö|Sweden
Thistle & Rye|Food and drink|Glasgow|UK
Evergreen Pensions|Finance|Utrecht|Netherlands
"""

FIRST_NAMES = (  # noqa: SIM905 - a list of quoted names would be harder to read
    "Ada Adil Aisha Alma Amara Anders Anouk Astrid Beatriz Bram Camille Chidi Chiara Daniel Dariusz Elena Elif Emeka Emil Esther Eva "
    "Farid Fatima Felix Freya Grace Hana Hugo Ingrid Isla Ivan Jamal Jonas Josefa Kaja Kenji Lars Leila Linnea Lucía Mads Maja "
    "Mateo Mei Mira Nadia Niamh Nils Noor Olga Omar Oskar Paula Pedro Priya Rafael Ravi Rosa Ruth Saoirse Samir Sofia Søren Tariq "
    "Thea Tomas Uma Viktor Wanjiru Wei Yara Yusuf Zofia"
).split()

LAST_NAMES = (  # noqa: SIM905
    "Abara Achterberg Adeyemi Aguilar Almeida Bakker Banerjee Bauer Berg Bianchi Byrne Carvalho Castellanos Chen Conti Dahl Demir "
    "Dubois Eriksen Farouk Fischer Fournier Gallagher García Grönberg Haddad Hansen Hartmann Holm Ibrahim Iversen Jansen Kaminska "
    "Kaur Keller Khan Kowalski Kruse Larsen Laurent Lindqvist Lund MacLeod Marino Mbeki Mendes Moreau Murphy Nakamura Nguyen "
    "Nilsson Novak Nowak O'Connell Okafor Olsen Osei Patel Petrov Quinn Rahman Ricci Romero Rossi Sato Schmidt Silva Strand Tanaka "
    "Vermeer Virtanen Weber Wood Yilmaz Zhang Zielinski"
).split()

ROLES = (  # noqa: SIM905
    "Account manager|Architect|Buyer|Chief executive|Chief of staff|Communications lead|Controller|Customer success lead|"
    "Data analyst|Design lead|Engineering manager|Facilities manager|Finance director|Founder|General counsel|Head of operations|"
    "Head of people|Head of procurement|IT manager|Marketing director|Office manager|Plant manager|Product manager|"
    "Project coordinator|Quality engineer|Regional director|Sales director|Software engineer|Supply chain planner|Treasurer"
).split("|")

NOTES = (
    "Prefers e-mail to phone. Usually answers in the morning.",
    "Met at the trade fair in Hanover. Interested in a pilot for one team before the summer.",
    "Decides together with the head of procurement.\nSend the comparison sheet first, then the offer.",
    "Speaks Swedish, English and German. Travels a lot; text messages work best.",
    "Asked for references from the same industry.",
    "Their budget year starts in April: call again in February.",
)

HISTORY = {
    "call": (
        "Introductory call",
        "Talked about the renewal",
        "Left a message about the offer",
        "Called back about delivery dates",
    ),
    "email": (
        "Sent the price list",
        "Answered questions about the contract",
        "Shared the meeting notes",
        "Confirmed the order",
    ),
    "meeting": ("Product tour on site", "Quarterly review", "Workshop with the whole team", "Lunch at the office"),
    "note": (
        "Wants to hear about the new release",
        "New direct line, see the phone number",
        "Asked to be contacted after the holidays",
    ),
}

STATUS_WEIGHTS: dict[Status, int] = {"lead": 28, "active": 34, "customer": 28, "archived": 10}


def slug(text: str) -> str:
    """Reduce a name to ASCII letters and digits, for addresses."""
    # Letters that Unicode does not decompose into a base letter and a mark.
    text = text.lower().translate(str.maketrans("øł", "ol"))
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "", text)


def organisation_rows() -> list[dict[str, Any]]:
    rows = []
    for number, line in enumerate(ORGANISATIONS.strip().splitlines(), start=1):
        name, industry, city, country = line.split("|")
        created = TODAY - timedelta(days=1500 - 30 * number)
        place = {"industry": industry, "city": city, "country": country, "website": f"{slug(name)}.example"}
        rows.append({"id": number, "name": name, **place, "created_at": created, "updated_at": created})
    return rows


def contact_rows(random: Random, organisations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = random.sample(list(product(FIRST_NAMES, LAST_NAMES)), CONTACTS)
    statuses = random.choices(list(STATUS_WEIGHTS), tuple(STATUS_WEIGHTS.values()), k=CONTACTS)
    rows, used = [], Counter[str]()
    for number, ((first, last), status) in enumerate(zip(names, statuses, strict=True), start=1):
        organisation = None if random.random() < 0.06 else random.choice(organisations)
        address = f"{slug(first)}.{slug(last)}@{organisation['website'] if organisation else 'mail.example'}"
        used[address] += 1
        created = TODAY - timedelta(minutes=random.randrange(900 * 24 * 60))
        rows.append({
            "id": number, "first_name": first, "last_name": last, "role": random.choice(ROLES), "status": status,
            "email": address if used[address] == 1 else address.replace("@", f"{used[address]}@"),
            "phone": f"+46 31 {random.randrange(100, 1000)} {random.randrange(10, 100)} {random.randrange(10, 100)}",
            "notes": random.choice(NOTES) if random.random() < 0.45 else "",
            "organisation_id": organisation and organisation["id"], "created_at": created, "updated_at": created,
        })  # fmt: skip
    return rows


def activity_rows(random: Random, contacts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for contact in contacts:
        minutes = int((TODAY - contact["created_at"]).total_seconds() // 60)
        for _ in range(random.choice((0, 1, 2, 3, 4, 5, 6, 8))):
            kind = random.choice(tuple(HISTORY))
            at = TODAY - timedelta(minutes=random.randrange(minutes + 1))
            rows.append({
                "contact_id": contact["id"], "kind": kind, "summary": random.choice(HISTORY[kind]),
                "happened_at": at, "created_at": at, "updated_at": at,
            })  # fmt: skip
    return rows


async def seed(connection: AsyncConnection) -> None:
    """Fill an empty database. One that has organisations is not changed."""
    if await connection.scalar(select(Organisation.id).limit(1)):
        return
    random = Random(2026)
    organisations = organisation_rows()
    contacts = contact_rows(random, organisations)
    await connection.execute(insert(Organisation), organisations)
    await connection.execute(insert(Contact), contacts)
    await connection.execute(insert(Activity), activity_rows(random, contacts))
