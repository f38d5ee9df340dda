# SPDX-License-Identifier: Apache-2.0
"""Finds the functions of a C++ file and their lengths by their braces, accurately enough to find long ones."""
import re

TOKENS = re.compile(r'''//[^\n]*|/\*.*?\*/|R"(?P<delimiter>[^()\\ ]{0,16})\(.*?\)(?P=delimiter)"'''
                    r'''|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+\'''', re.S)
NOT_A_FUNCTION = re.compile(r"^(?:if|for|while|switch|catch|else|do|try|return|namespace|class|struct|enum|union)\b")
# "name(arguments)", then optionally const, noexcept, -> type, initialisers, before the body.
SIGNATURE = re.compile(r"(~?[\w:]+|operator[^\s\w(]{1,3}|operator\(\))\s*\(.*\)", re.S)


def without_comments(text, keep_strings=False):
    """The text with blanked comments (and contents of strings); line numbers do not change."""
    def blank(match):
        token = match.group(0)
        if keep_strings and not token.startswith("/"):
            return token
        inner = re.sub(r"[^\n]", " ", token)
        return inner if token.startswith("/") or len(token) < 2 else '"' + inner[1:-1] + '"'
    return TOKENS.sub(blank, text)


def functions(text):
    """(name, first line, number of lines) of each function that is not inside another one."""
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: "\n" * m.group(0).count("\n"), without_comments(text),
                  flags=re.M)
    found, open_braces, begin = [], [], 0
    for match in re.finditer(r"[{};]", code):
        at, sign = match.start(), match.group(0)
        if sign == "{":
            head = code[begin:at].strip()
            inside = any(opened[0] for opened in open_braces)
            open_braces.append((None if inside else function_name(head), first_line(code, begin, at), inside))
        elif sign == "}" and open_braces:
            name, line, _ = open_braces.pop()
            if name:
                found.append((name, line, code.count("\n", 0, at) + 2 - line))
        if not (open_braces and open_braces[-1][0]):
            begin = at + 1
    return found


def function_name(head):
    head = re.sub(r"^(?:public|private|protected)\s*:\s*", "", head)
    if NOT_A_FUNCTION.match(head) or head.endswith(("=", ",", "(", "return")) or re.match(r"^[^(]*=(?!=)", head):
        return None
    match = SIGNATURE.search(head)
    return match.group(1) if match else None


def first_line(code, begin, at):
    start = begin + len(code[begin:at]) - len(code[begin:at].lstrip())
    return code.count("\n", 0, start) + 1
