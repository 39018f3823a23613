"""Message templates as the API answers them."""

from __future__ import annotations

from web.answers import Answer, Page


class TemplateHeader(Answer):
    """`format` in Meta's words: TEXT, IMAGE, ...; `text` is empty unless it is TEXT."""

    format: str
    text: str


class TemplateButton(Answer):
    """`type` in Meta's words."""

    type: str
    text: str
    url: str | None
    phone_number: str | None


class TemplateVariable(Answer):
    """A place to fill in, sent under its `key`. `where`: "body", "header" or "button:<index>"."""

    key: str
    where: str
    placeholder: str
    example: str


class MessageTemplate(Answer):
    """A text that Meta has approved or not. `why_not`: why it cannot be sent from here, null when it can."""

    id: int
    name: str
    language: str
    category: str
    status: str
    parameter_format: str
    header: TemplateHeader | None
    body: str
    footer: str
    buttons: list[TemplateButton]
    variables: list[TemplateVariable]
    sendable: bool
    why_not: str | None


class TemplatePage(Page):
    """Message templates, by name."""

    templates: list[MessageTemplate]
