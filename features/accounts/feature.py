"""What this feature consists of."""

from __future__ import annotations

from features.accounts import authentication, cli, jobs, management, profile, routes, settings, shop_settings
from runtime.feature import Feature, every

FEATURE = Feature(
    name="accounts",
    tables=("users", "sessions", "api_tokens", "login_throttle", "audit_log"),
    blueprints=(routes.blueprint, management.blueprint, profile.blueprint, shop_settings.blueprint),
    settings=settings.SETTINGS,
    pages=settings.PAGES,
    middleware=(authentication.answer_idle_polls,),
    commands=(cli.users_cli, cli.tokens_cli),
    at_start=(jobs.make_setup_code,),
    jobs=(every(jobs.forget_what_ended, hours=1),),
)
