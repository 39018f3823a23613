"""The browser's types are those of the answers."""

from __future__ import annotations

from tools import generate_types


def test_the_types_of_the_front_end_are_made_from_the_answers() -> None:
    """Stale: .venv/bin/python -m tools.generate_types"""
    assert generate_types.TARGET.read_text() == generate_types.render()


def test_fields_are_typed_as_they_are_answered() -> None:
    text = generate_types.render()
    chat = text[text.index("interface Chat {") :]
    assert 'kind: "person" | "group";' in chat
    assert "assignee: User | null;" in chat
    assert "chats: Chat[];" in text
    assert "more?: boolean;" in text
    assert "choices: [string, number][];" in text
    assert "fields: Record<string, string>;" in text
    assert "payload: any;" in text
