# SPDX-License-Identifier: Apache-2.0
"""Checks of the documents: no link is dead, the index docs/README.md links each page, JSON in pages is JSON, the README is short."""
import json
import posixpath
import re
from pathlib import PurePosixPath

CODE = re.compile(r"^```.*?^```", re.M | re.S)
LINK = re.compile(r"\]\(([^)\s]+)\)")
INDEX = "docs/README.md"
README_LINES, README_BYTES = 200, 14000


def anchors(text):
    """Those that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", CODE.sub("", text), re.M)
    return {re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", one).lower()).strip().replace(" ", "-") for one in headings}


def targets(name, text):
    """[(link, file, anchor)] of the links of a page to other files of the tree."""
    for link in LINK.findall(CODE.sub("", text)):
        if not re.match(r"[a-z]+:", link):
            path, _, anchor = link.partition("#")
            yield link, posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name, anchor


def check_documents(texts):
    """texts: {name: text} of all files of the tree."""
    pages = {name: text for name, text in texts.items() if name.endswith(".md")}
    folders = {str(folder) for name in texts for folder in PurePosixPath(name).parents}
    for name, text in pages.items():
        for link, file, anchor in targets(name, text):
            if file not in texts and file not in folders:
                yield f"{name}: the link {link} leads nowhere"
            elif anchor and anchor not in anchors(texts.get(file, "")):
                yield f"{name}: the link {link} leads to no heading"
        for block in re.findall(r"^```json\n(.*?)^```", text, re.M | re.S):
            try:
                json.loads(block)
            except ValueError as error:
                yield f"{name}: an example is not JSON: {error}"
    listed = {file for _, file, _ in targets(INDEX, pages.get(INDEX, ""))}
    for name in pages:
        if name.startswith("docs/") and name != INDEX and name not in listed:
            yield f"{name}: {INDEX} has no link to it"
    readme = pages.get("README.md", "")
    if readme.count("\n") > README_LINES or len(readme.encode()) > README_BYTES:
        yield f"README.md: {README_LINES} lines and {README_BYTES} bytes are the limit"
