# SPDX-License-Identifier: Apache-2.0
"""Checks of all texts: lines of sources have at most 120 columns, sources name their licence in an SPDX line, and
sources and documents contain none of a few words that CONTRIBUTING.md ("Style of text") excludes."""
import re
from pathlib import Path

COLUMNS = 120
SOURCE_SUFFIXES = {".h", ".cpp", ".py", ".sh", ".go", ".cmake"}
SOURCE_NAMES = {"CMakeLists.txt", "run"}
LICENCE = "SPDX-License-" + "Identifier: Apache-2.0"
# The rules of "plain technical English". The patterns are written so that this file does not contain the words.
PERSON, PLAIN_VERB, FIRST_WORD = 3, 4, 7
WORDS = (
    (PERSON, re.compile(r"\b(?:h(?:e|is|im)|who(?:m|ever)|somebody['’]s|nobod(?:y)(?:['’]s)?)\b", re.I)),
    (PLAIN_VERB, re.compile(r"\b(?:t(?:ell|ells|old)|g(?:ive|ives|iven) back|tak(?:e|es|en) away|comes? to b(?:e)"
                            r"|be held t(?:o))\b", re.I)),
    # A capital letter at the beginning of a line, a comment, a text in quotes, or a sentence.
    (FIRST_WORD, re.compile(r"(?:^\s*[-*]?|[^\w\s,'’-])\s*((?:O(?:f)|Wh(?:o|oever)|No(?:r)|Suc(?:h)) )")),
)


def is_source(name):
    return Path(name).suffix in SOURCE_SUFFIXES or Path(name).name in SOURCE_NAMES


def is_text(name):
    """Sources, documents and conformance cases."""
    return is_source(name) or name.endswith(".md") or re.fullmatch(r"tests/conformance/.*\.json", name) is not None


def is_quoted(name, line):
    """CONTRIBUTING.md's glossary: its last column has the words to avoid."""
    return name == "CONTRIBUTING.md" and line.startswith("|")


def check_lines(name, text):
    for number, line in enumerate(text.splitlines(), 1):
        if is_source(name) and len(line) > COLUMNS:
            yield f"{name}:{number}: {len(line)} columns; allowed: {COLUMNS}"
        if not is_text(name) or is_quoted(name, line):
            continue
        for rule, words in WORDS:
            for match in words.finditer(line):
                word = match.group(words.groups).strip()
                yield f'{name}:{number}: "{word}": plain English, rule {rule}'


def check_licence(name, text):
    first = text.splitlines()[:2] if text.startswith("#!") else text.splitlines()[:1]
    if is_source(name) and not any(LICENCE in line for line in first):
        yield f"{name}: the first line must be a comment: {LICENCE}"


def check_words_and_columns(texts):
    for name, text in texts.items():
        yield from check_lines(name, text)


def check_licences(texts):
    for name, text in texts.items():
        yield from check_licence(name, text)
