"""Text with a few marks, as a tariff's policy is written, made safe for a page.

An empty line parts paragraphs; lines that begin with "- " are a list, with "## " a heading; **bold**; [words](https://…)
a link. Everything else is text: whatever looks like HTML is shown as it was typed.
"""

import re
from html import escape

from django.utils.safestring import SafeString, mark_safe

BOLD = re.compile(r"\*\*(.+?)\*\*")
LINK = re.compile(r"\[([^\]\[]+)\]\((https?://(?:(?!&quot;|&lt;|&gt;|&#x27;)[^\s()])+)\)")


def _inline(text: str) -> str:
    """A line, escaped first, so that no mark can bring in a tag."""
    safe = escape(text, quote=True)
    safe = LINK.sub(r'<a href="\2" rel="noopener noreferrer">\1</a>', safe)
    return BOLD.sub(r"<strong>\1</strong>", safe)


def _block(lines: list[str]) -> str:
    if all(line.startswith("- ") for line in lines):
        return "<ul>" + "".join(f"<li>{_inline(line[2:])}</li>" for line in lines) + "</ul>"
    if len(lines) == 1 and lines[0].startswith("## "):
        return f"<h3>{_inline(lines[0][3:])}</h3>"
    return f"<p>{'<br>'.join(_inline(line) for line in lines)}</p>"


def marked(text: str) -> SafeString:
    """The text as HTML."""
    blocks: list[list[str]] = [[]]
    for raw in text.replace("\r\n", "\n").split("\n"):
        line = raw.strip()
        kind_changes = blocks[-1] and line.startswith("- ") != blocks[-1][-1].startswith("- ")
        if not line or kind_changes or line.startswith("## ") or (blocks[-1] and blocks[-1][-1].startswith("## ")):
            blocks.append([])
        if line:
            blocks[-1].append(line)
    return mark_safe("".join(_block(block) for block in blocks if block))  # every line is escaped above
