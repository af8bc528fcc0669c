"""The doctor tells which of 21Vianet's pages were read long ago."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot import environment
from bot.clock import Clock
from bot.config import Requirement
from bot.database_checks import Finding
from bot.doctor import Doctor
from handlers.i18n.words import Words
from models.escalations import policy_versions
from models.rules.policy.reader import load_packaged, packaged_text
from models.rules.policy.review_rules import ReviewRules
from models.rules.policy.sources import PolicySource
from models.rules.policy.vendor import VendorPolicy
from models.store.database import Store

ENVIRONMENT = {
    "SLACK_BOT_TOKEN": "xoxb-0000-test", "SLACK_API_URL": "http://127.0.0.1:9/", "CSP_ESCALATION_CHANNEL": "C0ESCALATE",
    "CSP_ONCALL_CHANNEL": "C0ONCALL1",
}  # fmt: skip


def finding(pages: VendorPolicy, folder: Path) -> Finding:
    """What the doctor says of these pages; it looks no further."""
    config = environment.read(
        Requirement.SLACK, None, {**ENVIRONMENT, "DATABASE_URL": f"sqlite:///{folder / 'csp.db'}"}
    )
    doctor = Doctor(replace(config, pages=pages), Words.of("en"), Clock(None))
    return next(finding for finding in doctor.findings() if finding.what == "21Vianet's pages")


def test_pages_read_lately_are_fine(tmp_path: Path) -> None:
    now = Clock(None).now().date()
    billing = PolicySource("https://example.cn/billing", now)
    review = ReviewRules(frozenset(), billing, {}, {})
    fresh = replace(load_packaged(), paths={}, hotlines=(), services={}, desks={}, review=review)

    assert finding(replace(fresh, billing_source=billing), tmp_path) == Finding(
        "21Vianet's pages", True, f"Each was read on {now} or later."
    )


def test_pages_not_read_for_half_a_year_are_named(tmp_path: Path) -> None:
    pages = load_packaged()
    old = PolicySource("https://example.cn/billing", Clock(None).now().date() - timedelta(days=181))

    found = finding(replace(pages, billing_source=old), tmp_path)

    assert found.fine is None
    assert "https://example.cn/billing" in found.says
    assert "csp-escalate policy import" in found.says


def test_the_imported_pages_are_checked_and_not_the_packaged_ones(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'csp.db'}")
    store.upgrade()
    now = Clock(None).now()
    old = f"read_on = {now.date() - timedelta(days=181)}"
    policy_versions.import_policy(store, packaged_text().replace("read_on = 2026-11-22", old), "cli", now)

    found = finding(load_packaged(), tmp_path)

    store.dispose()
    assert found.fine is None
    assert "https://www.21vbluecloud.com/dynamics365/ce_support" in found.says
