"""Where the mathematics of a Markdown document is, with exact offsets.

markdown-it-py finds the structure; the rules for mathematics and comments here keep, for every
character of a formula, its offset in the document, also inside lists and block quotes.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

#: on their own they are displays; of these the reader refuses those that the format does not name
_ENVIRONMENT = re.compile(
    r"\\begin\{((?:align|gather|equation|eqnarray|multline|alignat|flalign)\*?|displaymath|array)\}"
)
_HEADING = re.compile(r"\s{0,3}#{1,6}\s")


@dataclass(frozen=True)
class Source:
    """A piece of the document: its text, and where the parts of it came from."""

    text: str
    local: tuple[int, ...] = (0,)  # offsets into `text` …
    there: tuple[int, ...] = (0,)  # … and into the document

    def offset(self, position: int) -> int:
        k = bisect_right(self.local, position) - 1
        return self.there[k] + position - self.local[k]

    def part(self, start: int, end: int) -> Source:
        k, last = bisect_right(self.local, start) - 1, bisect_right(self.local, max(start, end - 1))
        local = (0, *(x - start for x in self.local[k + 1 : last]))
        return Source(self.text[start:end], local, (self.offset(start), *self.there[k + 1 : last]))


@dataclass
class Item:
    """What the document holds, in order.

    `kind`: heading (`text`, `level`), paragraph (`text`: its beginning), inline, display, open (a display
    that is never closed), comment (`text`), macro (raw `\\newcommand` lines), end (of a paragraph),
    stray (`text`: a delimiter that opens no formula).
    """

    kind: str
    source: Source = field(default_factory=lambda: Source(""))
    text: str = ""
    level: int = 0


def normalised(text: str) -> str:
    """Line ends as markdown-it sees them; offsets in the result are what `Item`s speak of."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")


def _lines(state: StateBlock, first: int, last: int, cut: int, tail: int) -> Source:
    """Lines first … last of a block without what the container put in front of them."""
    parts, local, there, total = [], [], [], 0
    for line in range(first, last + 1):
        start = state.bMarks[line] + state.tShift[line]
        end = state.eMarks[line]
        if line == first:
            start += cut
        if line == last:
            end -= tail
        text = state.src[start : max(start, end)]
        local.append(total)
        there.append(start)
        parts.append(text)
        total += len(text) + 1
    return Source("\n".join(parts), tuple(local), tuple(there))


def _emit(state: StateBlock, kind: str, source: Source, first: int, last: int) -> bool:
    state.line = last + 1
    token = state.push(kind, "math", 0)
    token.map = [first, last + 1]
    token.meta = {"source": source}
    return True


def _text(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _display(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """`$$ … $$`, `\\[ … \\]` and bare environments at the beginning of a line."""
    if state.is_code_block(first):
        return False
    text = _text(state, first)
    environment = _ENVIRONMENT.match(text)
    if text.startswith("$$"):
        opening, close = 2, "$$"
    elif text.startswith("\\["):
        opening, close = 2, "\\]"
    elif environment:
        opening, close = 0, f"\\end{{{environment[1]}}}"
    else:
        return False
    blank = False
    for line in range(first, end):
        here = text if line == first else _text(state, line)
        if line > first and here and state.sCount[line] < state.blkIndent:
            break
        blank = blank or not here.strip()
        if blank and _HEADING.match(here):
            break
        at = here.find(close, opening if line == first else 0)
        if at < 0:
            continue
        if blank and close == "$$" and (at == 0) is False and at + 2 < len(here.rstrip()):
            break
        rest = here[at + len(close) :].strip()
        if rest.strip(".,;"):
            return False  # text goes on behind the display: the inline rule reads it
        if silent:
            return True
        tail = len(here) - at - (len(close) if environment else 0)
        return _emit(state, "display", _lines(state, first, line, opening, tail), first, line)
    if silent:
        return True
    last = first
    while last + 1 < end and _text(state, last + 1).strip():
        last += 1
    source = _lines(state, first, last, 0, 0)
    token = _emit(state, "open", source, first, last)
    state.tokens[-1].info = close
    return token


def _comment(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """An HTML comment at the beginning of a line."""
    if state.is_code_block(first) or not _text(state, first).startswith("<!--"):
        return False
    for line in range(first, end):
        here = _text(state, line)
        at = here.find("-->", 4 if line == first else 0)
        if at >= 0:
            if here[at + 3 :].strip():
                return False
            if not silent:
                source = _lines(state, first, line, 4, len(here) - at)
                _emit(state, "comment", source, first, line)
            return True
    if not silent:
        _emit(state, "comment", _lines(state, first, end - 1, 4, 0), first, end - 1)
    return True


def _inline_math(state: StateInline, silent: bool) -> bool:
    src, position = state.src, state.pos
    if src.startswith("$$", position):
        kind, opening, close = "display", 2, "$$"
    elif src[position] == "$":
        kind, opening, close = "inline", 1, "$"
    elif src.startswith("\\[", position):
        kind, opening, close = "display", 2, "\\]"
    elif src.startswith("\\(", position) and _closing(state, position + 2, "\\)") > 0:
        return _stray(state, silent, 2)
    else:
        return False
    end = _closing(state, position + opening, close)
    if end < 0:
        return _stray(state, silent, opening)
    if not src[position + opening : end].strip():
        return False
    if not silent:
        token = state.push(kind, "math", 0)
        token.meta = {"start": position + opening, "end": end}
    state.pos = end + len(close)
    return True


def _stray(state: StateInline, silent: bool, length: int) -> bool:
    if not silent:
        token = state.push("stray", "", 0)
        token.meta = {"start": state.pos, "end": state.pos + length}
    state.pos += length
    return True


def _closing(state: StateInline, position: int, close: str) -> int:
    """The offset of the closing delimiter; each kind is searched to the end at most once."""
    missing = f"no {close} {id(state.src)}"
    if state.env.get(missing, len(state.src) + 1) <= position:
        return -1
    found = position
    while (found := state.src.find(close, found)) >= 0:
        back = found
        while back > position and state.src[back - 1] == "\\":
            back -= 1
        if (found - back) % 2 == 0:
            return found
        found += 1
    state.env[missing] = position
    return -1


def _inline_comment(state: StateInline, silent: bool) -> bool:
    if not state.src.startswith("<!--", state.pos):
        return False
    end = state.src.find("-->", state.pos + 4)
    if end < 0:
        return False
    if not silent:
        token = state.push("comment", "", 0)
        token.meta = {"start": state.pos + 4, "end": end}
    state.pos = end + 3
    return True


#: a paragraph that begins so holds macros, not prose
MACROS = ("\\newcommand", "\\renewcommand", "\\providecommand", "\\DeclareMathOperator", "\\def\\")


def _parser() -> MarkdownIt:
    md = MarkdownIt("commonmark")
    md.disable(["html_block", "reference", "link", "image", "autolink", "html_inline", "entity", "emphasis"])
    before: RuleOptionsType = {"alt": ["paragraph", "blockquote", "list"]}
    md.block.ruler.before("fence", "display", _display, before)
    md.block.ruler.before("fence", "comment", _comment, before)
    md.inline.ruler.before("escape", "math", _inline_math)
    md.inline.ruler.before("escape", "inline_comment", _inline_comment)
    return md


def items(text: str) -> list[Item]:
    """The contents of a normalised document, in order."""
    starts = line_starts(text)
    made: list[Item] = []
    heading: int | None = None
    for token in _parser().parse(text):
        if token.type == "heading_open":
            heading = int(token.tag[1:])
        elif token.type in ("display", "open", "comment"):
            made.append(Item(token.type, token.meta["source"], token.info or token.meta["source"].text))
        elif token.type == "fence" and token.info.split()[:1] == ["math"] and token.map:
            made.append(Item("display", _content(text, starts, token.content, token.map[0] + 1)))
        elif token.type == "inline" and token.map:
            source = _content(text, starts, token.content, token.map[0])
            if heading is not None:
                title = re.sub(r"\*\*|__|`|(?<!\w)[*_]|[*_](?!\w)|<!--.*?-->", "", token.content)
                made.append(Item("heading", source, " ".join(title.split()), heading))
            elif token.content.lstrip().startswith(MACROS):
                made.append(Item("macro", source))
                continue
            else:
                made.append(Item("paragraph", source, token.content[:200]))
            for child in token.children or []:
                if child.type in ("inline", "display", "comment", "stray"):
                    part = source.part(child.meta["start"], child.meta["end"])
                    made.append(Item(child.type, part, part.text))
            if heading is None:
                made.append(Item("end"))
            heading = None
    return made


def _content(text: str, starts: list[int], content: str, first: int) -> Source:
    """The source of a block's content: each of its lines is a suffix of a line of the document."""
    local: list[int] = []
    there: list[int] = []
    total = 0
    for number, line in enumerate(content.split("\n")):
        begin = starts[min(first + number, len(starts) - 1)]
        stop = text.find("\n", begin)
        whole = text[begin : stop if stop >= 0 else len(text)]
        bare = line.strip()
        lead = len(line) - len(line.lstrip())
        at = whole.rfind(bare) if bare else len(whole)
        local.append(total)
        there.append(begin + max(at, 0) - lead)
        total += len(line) + 1
    return Source(content, tuple(local), tuple(there))


def line_starts(text: str) -> list[int]:
    starts = [0]
    at = text.find("\n")
    while at >= 0:
        starts.append(at + 1)
        at = text.find("\n", at + 1)
    return starts
