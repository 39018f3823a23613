"""The list of modules that a page asks for at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from web import assets


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(assets, "FOLDER", tmp_path)
    assets.modules.cache_clear()
    (tmp_path / "parts").mkdir()
    (tmp_path / "main.js").write_text('import { a } from "./parts/a.js";\nimport {\n  b,\n} from "./parts/b.js";\nimport "./parts/c.js";\n')
    (tmp_path / "parts/a.js").write_text('import { b } from "./b.js";\nexport const a = () => import("./late.js");\n')
    (tmp_path / "parts/b.js").write_text('// import { x } from "./comment.js";\nexport { d } from "../d.js";\n')
    (tmp_path / "parts/c.js").write_text('import { main } from "../main.js";\n')
    (tmp_path / "d.js").write_text('const words = "import";\nconst more = "./text.js";\n')
    return tmp_path


def test_every_module_of_the_first_screen_is_named_and_no_other(scripts: Path) -> None:
    assert assets.modules("main.js") == ["d.js", "parts/a.js", "parts/b.js", "parts/c.js"]


def test_an_import_that_names_no_file_is_an_error(scripts: Path) -> None:
    (scripts / "parts/a.js").unlink()
    with pytest.raises(FileNotFoundError):
        assets.modules("main.js")


def test_the_inbox_preloads_its_parts() -> None:
    assets.modules.cache_clear()
    named = assets.modules("js/inbox/main.js", "js/shell.js")
    assert {"js/inbox/thread/thread.js", "js/net/api.js", "js/ui/menu.js"} <= set(named)
    assert not {"js/inbox/main.js", "js/shell.js", "js/settings/main.js"} & set(named)
