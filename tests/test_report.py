"""What `derive check` says of a document, and its JSON."""

import json

from derive.__main__ import main

DOCUMENT = "# Two\n\nLet $a, b \\in \\mathbb{R}$.\n\n$$ a + b = b + a $$\n\n$$ a + c = b $$\n"


def test_json_has_the_contract_s_keys_and_exit_code(tmp_path, capsys):
    path = tmp_path / "hw.md"
    path.write_text(DOCUMENT, encoding="utf-8")
    assert main(["check", str(path), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == 1
    assert [s["verdict"] for s in found["steps"]] == ["proved", "error"]
    assert found["summary"] == {"proved": 1, "refuted": 0, "unknown": 0, "error": 1}
    assert set(found["steps"][0]) == {
        "file", "line", "column", "derivation", "step", "claim", "verdict", "code", "message", "uses",
        "counterexample", "likely_cause", "seconds",
    }  # fmt: skip


def test_a_false_step_is_never_proved(tmp_path, capsys):
    path = tmp_path / "hw.md"
    path.write_text("Let $a \\in \\mathbb{R}$.\n\n$$ a + a = 3 a $$\n", encoding="utf-8")
    assert main(["check", str(path), "--strict"]) == 1


def test_a_missing_file_and_a_document_without_steps_have_codes_of_their_own(tmp_path, capsys):
    assert main(["check", str(tmp_path / "none.md")]) == 2
    path = tmp_path / "prose.md"
    path.write_text("Prose.\n", encoding="utf-8")
    assert main(["check", str(path)]) == 5
