"""The plan as a pure function: what comes, changes, is missing and goes; and what never depends on chance."""

from __future__ import annotations

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from core.headings import map_headers
from features.customer_list.plan import Known, Plan, make_plan, read_customers
from sheet_manager import parse_csv

Mirror = dict[str, Known]


def plan_of(text: str, mirror: Mirror | None = None, *, confirmed: bool = False) -> Plan:
    table = parse_csv(text.encode())
    return make_plan(table, map_headers(table.headers), mirror or {}, "HK", confirmed=confirmed)


def applied(mirror: Mirror, plan: Plan) -> Mirror:
    """What the database does with a plan."""
    after = dict(mirror)
    for one in [*plan.adds, *plan.changes, *plan.moves]:
        after[one.phone] = Known(one.name, one.fields, one.row_number)
    for phone in plan.misses:
        was = mirror[phone]
        after[phone] = Known(was.name, was.fields, was.row_number, missed=was.missed + 1)
    for phone in plan.removals:
        was = mirror[phone]
        after[phone] = Known(was.name, was.fields, was.row_number, removed=True)
    return after


def names(mirror: Mirror) -> dict[str, tuple[str, str]]:
    """What people see, without row numbers."""
    return {phone: (known.name, known.fields) for phone, known in mirror.items() if not known.removed}


def test_newcomers_changes_and_moved_rows_are_told_apart() -> None:
    mirror = applied({}, plan_of("Phone,Name,Note\n51234567,Mei,\n51234568,Raj,old\n"))
    plan = plan_of("Phone,Name,Note\n51234569,Sofia,\n51234567,Mei,\n51234568,Raj,new\n", mirror)
    assert [one.phone for one in plan.adds] == ["85251234569"]
    assert [(one.phone, orjson.loads(one.fields)) for one in plan.changes] == [("85251234568", {"Note": "new"})]
    assert [(one.phone, one.row_number) for one in plan.moves] == [("85251234567", 3)]
    assert not plan.misses and not plan.removals


def test_a_row_goes_only_after_two_reads_without_it_and_comes_back_at_once() -> None:
    both, one = "Phone,Name\n51234567,Mei\n51234568,Raj\n", "Phone,Name\n51234567,Mei\n"
    mirror = applied({}, plan_of(both))
    first = plan_of(one, mirror)
    assert (first.misses, first.removals) == (["85251234568"], [])
    mirror = applied(mirror, first)
    assert plan_of(both, mirror).moves[0].phone == "85251234568"
    second = plan_of(one, mirror)
    assert (second.misses, second.removals) == ([], ["85251234568"])
    mirror = applied(mirror, second)
    assert [one.phone for one in plan_of(both, mirror).adds] == ["85251234568"]


def test_a_list_that_lacks_more_than_a_fifth_is_held() -> None:
    many = "Phone,Name\n" + "".join(f"5123{n:04d},Customer {n}\n" for n in range(100))
    mirror = applied({}, plan_of(many))
    rows = many.splitlines(keepends=True)
    assert not plan_of("".join(rows[:81]), mirror).drops_too_much
    held = plan_of("".join(rows[:80]), mirror)
    assert (held.drops_too_much, held.absent, held.active) == (True, 21, 100)
    assert len(plan_of("".join(rows[:80]), mirror, confirmed=True).removals) == 21


def test_of_a_small_list_five_may_go_but_never_everybody() -> None:
    mirror = applied({}, plan_of("Phone\n" + "".join(f"5123000{n}\n" for n in range(6))))
    assert not plan_of("Phone\n51230000\n", mirror).drops_too_much
    assert plan_of("Phone\n\n", mirror).drops_too_much
    assert not plan_of("Phone\n\n").drops_too_much


def test_warnings_name_the_row_and_the_first_of_two_counts() -> None:
    rows = ["51234567,Mei,#REF!", "+852 5123 4567,Raj,", "8.5E+10,Tom,", ",Nobody,", "", "51230001/51230002,Two,"]
    plan = plan_of("\n".join(["Phone,Name,Note", *rows]))
    assert {one.phone: one.name for one in plan.adds} == {
        "85251234567": "Mei", "85251230001": "Two", "85251230002": "Two",
    }
    assert [(one.row, str(one.reason).split(" ")[0]) for one in plan.warnings] == [
        (2, "a"), (3, "the"), (4, "the"), (5, "no"), (7, "2"),
    ]
    assert orjson.loads(plan.adds[0].fields) == {}
    assert "row 2" in str(plan.warnings[1].reason)


def test_hostile_names_lose_their_invisible_signs() -> None:
    customer = plan_of("Phone,Name\n51234567,\u202egpj.exe\u200b  Mei\x07\n").adds[0]
    assert customer.name == "gpj.exe Mei"


PHONES = st.integers(0, 30).map(lambda n: f"512300{n:02d}")
WORDS = st.sampled_from(["", "Mei", "Raj", "陳大文", "O'Brien, \"Tom\"", "#N/A", "line\nbreak"])
ROWS = st.lists(st.tuples(PHONES | WORDS, WORDS, WORDS), max_size=40)
UNIQUE_ROWS = st.lists(st.tuples(PHONES, WORDS, WORDS), max_size=31, unique_by=lambda row: row[0])


def csv_of(rows: list[tuple[str, str, str]]) -> str:
    return "Phone,Name,Note\n" + "".join(
        ",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n" for row in rows
    )


@settings(max_examples=60, deadline=None)
@given(ROWS, ROWS)
def test_a_list_just_applied_has_nothing_new_to_say(
    before: list[tuple[str, str, str]], after: list[tuple[str, str, str]]
) -> None:
    mirror = applied({}, plan_of(csv_of(before)))
    once = applied(mirror, plan_of(csv_of(after), mirror))
    again = plan_of(csv_of(after), once)
    assert not again.adds and not again.changes and not again.moves and not again.misses
    assert set(again.removals) == set(names(mirror)) - {one.phone for one in plan_of(csv_of(after)).adds}


@settings(max_examples=60, deadline=None)
@given(ROWS, ROWS)
def test_reading_a_list_three_times_ends_in_exactly_that_list(
    before: list[tuple[str, str, str]], after: list[tuple[str, str, str]]
) -> None:
    mirror = applied({}, plan_of(csv_of(before)))
    for _ in range(3):
        mirror = applied(mirror, plan_of(csv_of(after), mirror))
    table = parse_csv(csv_of(after).encode())
    wanted, _ = read_customers(table, map_headers(table.headers), "HK")
    assert names(mirror) == {phone: (one.name, one.fields) for phone, one in wanted.items()}


@settings(max_examples=60, deadline=None)
@given(UNIQUE_ROWS, st.randoms(use_true_random=False), UNIQUE_ROWS)
def test_the_order_of_rows_does_not_matter(
    rows: list[tuple[str, str, str]], random: object, before: list[tuple[str, str, str]]
) -> None:
    mirror = applied({}, plan_of(csv_of(before)))
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = plan_of(csv_of(rows), mirror), plan_of(csv_of(shuffled), mirror)
    assert names(applied(mirror, one)) == names(applied(mirror, other))
    assert sorted(one.misses) == sorted(other.misses)
    assert (one.absent, one.drops_too_much) == (other.absent, other.drops_too_much)
