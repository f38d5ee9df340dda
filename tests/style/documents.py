# SPDX-License-Identifier: Apache-2.0
"""Checks of the documents: no link is dead, the index docs/README.md links each page, the README is short, and examples
are valid: JSON parses, shell commands parse, and the commands and options of footbridge exist. A picture is up to date.
"""
import json
import posixpath
import re
import subprocess
import sys
from pathlib import Path, PurePosixPath

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "docs/pictures"))
import packet  # noqa: E402

CODE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.M | re.S)
LINK = re.compile(r"\]\(([^)\s]+)\)")
INDEX = "docs/README.md"
PICTURE = "docs/pictures/packet"
COMPLETION = "cli/completion/footbridge.bash"
# The program in the place of a command, or with its path.
CALL = re.compile(r"(?:(?:^|[;|&(])\s*(?:sudo )?|/bin/)footbridge ([a-z]+)([^;|&$`\n]*)", re.M)
COMMENT = re.compile(r"(?:^|\s)#.*$", re.M)
README_LINES, README_BYTES = 200, 14000


def anchors(text):
    """The anchors that GitHub creates for the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", CODE.sub("", text), re.M)
    words = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", one).lower() for one in headings]
    return {re.sub(r"[^\w\- ]", "", one).strip().replace(" ", "-") for one in words}


def targets(name, text):
    """[(link, file, anchor)] of the links of a page to other files of the tree."""
    for link in LINK.findall(CODE.sub("", text)):
        if not re.match(r"[a-z]+:", link):
            path, _, anchor = link.partition("#")
            yield link, posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name, anchor


def options_of_commands(completion):
    """{"ipam gc": {"--dry-run", ...}} of the bash completion, which a test compares with --help."""
    shared = re.search(r'^  local attach="(.*)"$', completion, re.M)
    found = {command: {"--help"} for command in re.findall(r'^_footbridge_commands="(.*)"$', completion, re.M)[:1]
             for command in command.split()}
    for commands, words in re.findall(r'^    ([a-z"| ]+)\) echo "(.*)" ;;$', completion, re.M):
        for command in commands.replace('"', "").split(" | "):
            found[command] = set(words.replace("$attach", shared.group(1) if shared else "").split())
    return found


def calls_of(script):
    """(command, arguments) of each call of footbridge; `footbridge exec` is without the command after "--"."""
    for command, arguments in CALL.findall(COMMENT.sub("", script).replace("\\\n", " ")):
        words = arguments.split(" -- ")[0].split()
        if command == "ipam" and words:
            command, words = f"ipam {words[0]}", words[1:]
        yield command, words


def check_calls(where, script, options):
    for command, words in calls_of(script):
        if options and command not in options and command != "help":
            yield f"{where}: footbridge has no command {command}"
            continue
        for option in re.findall(r"(?:^| )(--[a-z-]+)", " ".join(words)):
            if options and option not in options.get(command, set()):
                yield f"{where}: footbridge {command} has no option {option}"


def check_examples(name, text, options):
    for match in CODE.finditer(text):
        where = f"{name}:{text.count(chr(10), 0, match.start()) + 1}"
        indent, language, block = match.groups()
        block = re.sub(f"^{indent}", "", block, flags=re.M)
        if language == "json":
            yield from check_json(where, block)
        elif language == "sh":
            done = subprocess.run(["bash", "-n"], input=block, text=True, capture_output=True, check=False)
            if done.returncode != 0:
                yield f"{where}: an example is not a shell script: {done.stderr.strip()}"
            yield from check_calls(where, block, options)
        elif language == "console":
            commands = [line[2:] for line in block.splitlines() if re.match(r"[$#] ", line)]
            yield from check_calls(where, "\n".join(commands), options)
        elif not language:
            yield f"{where}: a code block needs a language: sh, console (with prompts and output), json, text ..."
    for number, line in enumerate(CODE.sub(lambda code: "\n" * code.group(0).count("\n"), text).splitlines(), 1):
        for span in re.findall(r"`(footbridge [^`]+)`", line):
            yield from check_calls(f"{name}:{number}", span, options)


def check_json(where, block):
    """A block may be a part of an object: "ipam": {...}."""
    try:
        json.loads("{" + block + "}" if block.startswith('"') else block)
    except ValueError as error:
        yield f"{where}: an example is not JSON: {error}"


def check_picture(texts):
    """docs/pictures/packet.svg is what packet.py draws of packet.txt."""
    source = texts.get(f"{PICTURE}.txt")
    if source is not None and texts.get(f"{PICTURE}.svg") != packet.draw(packet.read(source)):
        yield f"{PICTURE}.svg: differs from its source; run {PICTURE}.py"


def check_documents(texts):
    """texts: {name: text} of all files of the tree."""
    options = options_of_commands(texts.get(COMPLETION, ""))
    pages = {name: text for name, text in texts.items() if name.endswith(".md")}
    folders = {str(folder) for name in texts for folder in PurePosixPath(name).parents}
    for name, text in pages.items():
        for link, file, anchor in targets(name, text):
            if file not in texts and file not in folders:
                yield f"{name}: dead link {link}"
            elif anchor and anchor not in anchors(texts.get(file, "")):
                yield f"{name}: link {link}: the page has no such heading"
        yield from check_examples(name, text, options)
    listed = {file for _, file, _ in targets(INDEX, pages.get(INDEX, ""))}
    for name in pages:
        if name.startswith("docs/") and name != INDEX and name not in listed:
            yield f"{name}: {INDEX} does not link this page"
    readme = pages.get("README.md", "")
    if readme.count("\n") > README_LINES or len(readme.encode()) > README_BYTES:
        yield (f"README.md: {readme.count(chr(10))} lines, {len(readme.encode())} bytes; "
               f"allowed: {README_LINES} lines, {README_BYTES} bytes")
