"""The customer list: importing 50,000 rows, importing them again, and the typeahead over them."""

import csv
import io
import random
import time
from datetime import UTC, datetime

from models.customers.importer import import_customers
from models.escalations.queries import EscalationQueries
from models.rules.customers.csv_columns import read_sheet
from models.store.database import Store
from tests.bench import archive, databases
from tests.bench.measurement import Figure, Workshop, at_most, p99, percentile

ROWS = 50_000
ASKED = 400
IMPORT_LIMIT = 30
TYPEAHEAD_LIMIT = 50


def measure(workshop: Workshop) -> list[Figure]:
    """On both databases."""
    data = export()
    figures = _measured(workshop, "SQLite", databases.sqlite(workshop.folder, "customers"), data)
    with databases.postgresql() as server, server.migrated() as url:
        figures += _measured(workshop, "PostgreSQL", url, data)
    return figures


def _measured(workshop: Workshop, kind: str, url: str, data: bytes) -> list[Figure]:
    store = Store(url, timeout=10)
    figures: list[Figure] = []
    for how in ("imported", "imported again, nothing changed"):
        workshop.say(f"{kind}: {ROWS} customers {how}")
        began = time.perf_counter()
        plan = import_customers(store, read_sheet(data).lines, datetime.now(UTC))
        seconds = time.perf_counter() - began
        told = ", ".join(f"{count} {what}" for what, count in plan.lines.items())
        figures.append(at_most(f"{ROWS:,} customers {how} ({kind})", IMPORT_LIMIT, seconds, "s", note=told))
    workshop.say(f"{kind}: {ASKED} looks into the typeahead")
    figures.append(_typeahead(kind, EscalationQueries(store)))
    store.dispose()
    return figures


def _typeahead(kind: str, queries: EscalationQueries) -> Figure:
    chance = random.Random(5)
    typed = [
        "上",
        "上海",
        "蓝天科",
        "con",
        "contoso 12",
        "c000",
        "ＣＯＮＴＯＳＯ",
        "物流 深圳",
        "nobody has this",
        "trading",
        "",
    ]
    began = time.perf_counter()
    queries.customers("上海")
    first = (time.perf_counter() - began) * 1000
    times: list[float] = []
    for _ in range(ASKED):
        began = time.perf_counter()
        queries.customers(chance.choice([*typed, f"c{chance.randint(0, ROWS):05d}"]), 20)
        times.append((time.perf_counter() - began) * 1000)
    note = f"p50 {percentile(times, 0.5):.1f} ms; the first look after an import {first:.0f} ms"
    return at_most(f"typeahead over {ROWS:,} customers ({kind}): p99", TYPEAHEAD_LIMIT, p99(times), "ms", note=note)


def export() -> bytes:
    """A file as Partner Center exports it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["Microsoft ID", "Company name", "Primary domain name", "Relationship", "Tags"])
    for number in range(ROWS):
        tenant = f"{number:08x}-40d5-491e-99b0-{number * 7919:012x}"
        name = f"{archive._customer(number)} {number}"
        writer.writerow([tenant, name, f"c{number:05d}.partner.onmschina.cn", "Cloud Reseller", ""])
    return text.getvalue().encode("utf-8-sig")
