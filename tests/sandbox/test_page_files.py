"""The page's own files, read without a browser."""

from __future__ import annotations

import re

import pytest

from sandbox.control.page import FOLDER

SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in (FOLDER / "js").glob("*.js")}
ENTRY = re.compile(r'(\w+): "((?:[^"\\]|\\.)*)"')
IMPORT = re.compile(r'import (?:\* as (\w+)|\{([^}]*)\}) from "\./(\w+\.js)"')


def catalogue(name: str) -> dict[str, str]:
    """Return the texts of one language."""
    source = SCRIPTS["texts.js"]
    block = source[source.index(f"const {name} = {{") :]
    return dict(ENTRY.findall(block[: block.index("\n};")]))


def test_both_languages_have_the_same_texts_with_the_same_places() -> None:
    korean, english = catalogue("KO"), catalogue("EN")
    assert len(korean) > 80
    assert set(korean) == set(english)
    for key, text in korean.items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", english[key])), key


def test_every_text_is_used_and_every_used_text_exists() -> None:
    korean = catalogue("KO")
    page = (FOLDER / "index.html").read_text(encoding="utf-8")
    code = "\n".join(source for name, source in SCRIPTS.items() if name != "texts.js") + SCRIPTS["texts.js"][-4000:]
    asked = set(re.findall(r'\bt\("(\w+)"', code)) | set(re.findall(r'data-(?:text|label)="(\w+)"', page))
    assert asked <= set(korean)
    named = set(re.findall(r'"(\w+)"', code + page))
    assert {key for key in korean if key not in named} == set()


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_every_import_names_an_export_and_is_used(name: str) -> None:
    source = SCRIPTS[name]
    body = IMPORT.sub("", source)
    for whole, listed, target in IMPORT.findall(source):
        for one in [whole] if whole else [part.strip() for part in listed.split(",") if part.strip()]:
            assert re.search(rf"\b{re.escape(one)}\b" if one != "$" else r"\$\(", body), f"{one} is not used"
            if not whole:
                exported = rf"export (?:async )?(?:function|const|let|class) {re.escape(one)}(?!\w)"
                assert re.search(exported, SCRIPTS[target]), f"{target} does not export {one}"


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_no_script_builds_markup_from_text(name: str) -> None:
    for banned in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert banned not in SCRIPTS[name], banned


def test_every_export_is_used_somewhere() -> None:
    everything = "\n".join(SCRIPTS.values())
    for name, source in SCRIPTS.items():
        for one in re.findall(r"export (?:async )?(?:function|const|let|class) ([\w$]+)", source):
            uses = len(re.findall(rf"(?<![\w$]){re.escape(one)}(?![\w$])", everything))
            assert uses > 1, f"{name} exports {one}, which nothing uses"
