"""The Customer List as people use it: chosen in the settings after a look at it, then found in the inbox."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, Inbox, Staff
from tests.browser.test_accessibility import violations

LIST = "Kontakt,Wer,Notiz\n+852 5123 4567,Chan Mei,VIP\n+852 5123 4568,<b>Raj</b>,\nask Mei,Tom,\n"


@pytest.mark.parametrize(("viewport", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop", "phone"])
def test_a_file_is_looked_at_used_and_its_customers_are_found(
    inbox: Inbox, sign_in: Callable[..., Staff], viewport: Any, scheme: str
) -> None:
    page = sign_in("Ona", viewport=viewport, color_scheme=scheme).page
    page.goto(f"{inbox.url}/settings/customers")
    card = page.get_by_role("region", name="Customer List")
    card.get_by_role("button", name="Choose a list").click()
    card.get_by_role("button", name="CSV file").click()
    card.get_by_label("File").set_input_files({"name": "Kunden.csv", "mimeType": "text/csv", "buffer": LIST.encode()})
    expect(card.get_by_role("alert").get_by_text("No column of phone numbers was found")).to_be_visible()
    card.get_by_role("button", name="Use “Kontakt”").click()
    expect(card.get_by_text("2 customers in 3 rows.")).to_be_visible()
    card.get_by_label("Names are in", exact=True).select_option("Wer")
    expect(card.get_by_text("1 row to look at")).to_be_visible()
    assert violations(page) == []
    card.get_by_role("button", name="Use this list").click()
    expect(card.get_by_text("Last runs")).to_be_visible()
    expect(card.get_by_role("button", name="Choose another list")).to_be_focused()
    expect(card.get_by_role("cell", name="Done")).to_be_visible()
    assert violations(page) == []
    page.goto(f"{inbox.url}/inbox")
    page.get_by_role("searchbox", name="Search").fill("raj")
    customer = page.get_by_role("button", name="<b>Raj</b>")
    expect(customer).to_be_visible()
    assert violations(page) == []
    page.get_by_role("searchbox", name="Search").press("ArrowDown")
    expect(customer).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Only a template can be sent")).to_be_visible()
    expect(page.get_by_role("button", name="Choose a template")).to_be_visible()
    assert violations(page) == []


def test_customers_that_were_kept_may_be_let_go_later(inbox: Inbox, sign_in: Callable[..., Staff]) -> None:
    page = sign_in("Ona", viewport=PHONE).page
    page.goto(f"{inbox.url}/settings/customers")
    card = page.get_by_role("region", name="Customer List")
    everybody = "".join(f"+852 5123 {number:04d},Customer {number}\n" for number in range(20))
    for button, rows in (("Choose a list", everybody), ("Choose another list", everybody[:120])):
        card.get_by_role("button", name=button).click()
        card.get_by_role("button", name="CSV file").click()
        card.get_by_label("File").set_input_files(
            {"name": "list.csv", "mimeType": "text/csv", "buffer": f"Phone,Name\n{rows}".encode()}
        )
        card.get_by_role("button", name="Use this list").click()
    card.get_by_role("button", name="Look at it").click()
    card.get_by_role("button", name="Keep").click()
    expect(card.get_by_role("cell", name="Customers kept")).to_be_visible()
    card.get_by_role("button", name="Look again").click()
    expect(card.get_by_role("button", name="Keep")).to_have_count(0)
    assert violations(page) == []
    card.get_by_role("button", name="Accept:").click()
    expect(card.get_by_text("You kept your customers.")).to_have_count(0)
    expect(card.get_by_role("cell", name="Customers kept")).to_have_count(0)
    expect(card.get_by_role("cell", name="Held")).to_have_count(0)


def test_the_country_of_the_shop_reads_what_staff_type(inbox: Inbox, sign_in: Callable[..., Staff]) -> None:
    page = sign_in("Ona", viewport=PHONE).page
    page.goto(f"{inbox.url}/settings/customers")
    country = page.get_by_role("region", name="Customer List").get_by_label("Numbers without country code are from")
    expect(country).to_have_value("")
    country.select_option("United Kingdom (+44)")
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert violations(page) == []
    page.goto(f"{inbox.url}/inbox")
    page.get_by_role("button", name="New chat").click()
    number = page.get_by_label("Phone number with country code")
    number.fill("020 7946 0958")
    number.press("Tab")
    expect(page.get_by_text("Goes to +44 207 946 0958.")).to_be_visible()
    number.fill("1234")
    number.press("Tab")
    expect(page.get_by_text("WhatsApp lets a business write first")).to_be_visible()
