"""Text of a record in Markdown: every letter is shown, none is rendered."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from baclofen_safety.cdshooks.markdown import clean, cut, escape, plain, section


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("eGFR <15 & falling", "eGFR &lt;15 &amp; falling"),
        ("[x](javascript:alert(1))", r"\[x\](javascript:alert(1))"),
        ("<b>bold</b>", "&lt;b&gt;bold&lt;/b&gt;"),
        ("a | b `c` *d* _e_ ~f~", r"a \| b \`c\` \*d\* \_e\_ \~f\~"),
        ("- a list", r"\- a list"),
        ("12. a list", r"12\. a list"),
        ("2.5 mg", "2.5 mg"),
        ("# a title", r"\# a title"),
        ("two\n\nlines\r\tand\x00more", "two lines and more"),
        ("see https://evil.example and www.evil.example", "see https: //evil.example and www .evil.example"),
        ("right\u202eto left", "right to left"),
        ("back\\slash", "back\\\\slash"),
    ],
)
def test_a_record_is_shown_and_not_rendered(text: str, shown: str) -> None:
    assert escape(text) == shown


def test_what_is_shown_as_it_is_holds_no_tag_and_no_link() -> None:
    assert plain("<script>x</script> [a](b) `c` eGFR <15") == "‹script>x‹/script> (a)(b) 'c' eGFR <15"


@pytest.mark.parametrize("longest", [1, 2, 20, 139])
def test_a_cut_is_never_longer_than_asked(longest: int) -> None:
    for text in ("word " * 500, "A" * 10_000, "short"):
        assert len(clean(text, longest)) <= longest
        assert len(plain(text, longest)) <= longest


def test_a_cut_is_at_a_word() -> None:
    assert cut("Baclofen builds up in weak kidneys", 20) == "Baclofen builds up…"


def test_a_section_without_lines_is_left_out() -> None:
    assert section("Found", []) == ""
    assert section("Found", ["one", "", "two"]) == "**Found**\n\n- one\n- two"


def test_letters_are_cleaned_alike_whether_looked_at_one_by_one_or_not() -> None:
    """What is printable holds nothing to clean, for every letter there is."""
    for number in range(sys.maxunicode + 1):
        letter = chr(number)
        if letter.isprintable():
            assert unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
