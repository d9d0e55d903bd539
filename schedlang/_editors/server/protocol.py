"""The server as editors talk to it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from ... import __version__
from ..._files.settings import Settings, find_settings
from ..._language.highlight import WordKind
from ..._text.errors import Diagnostic, Edit, ScheduleError
from ..._text.source import Span
from .completing import complete
from .documents import Document, Inside
from .hovering import hover
from .positions import Change, Lines, changed

_ITEMS: Final = {
    WordKind.PRIMITIVE: lsp.CompletionItemKind.Function,
    WordKind.FUNCTION: lsp.CompletionItemKind.Operator,
    WordKind.KEYWORD: lsp.CompletionItemKind.Keyword,
    WordKind.UNIT: lsp.CompletionItemKind.Unit,
    WordKind.LABEL: lsp.CompletionItemKind.Property,
    WordKind.VARIABLE: lsp.CompletionItemKind.Constant,
    WordKind.NAME: lsp.CompletionItemKind.Variable,
}
_FIX_ALL: Final = "source.fixAll.schedlang"


class Server(LanguageServer):
    """The server, and the documents that are open in the editor.

    It keeps the texts itself: lines end as the protocol says, and not at a form feed or U+2028, too.
    """

    def __init__(self) -> None:
        super().__init__("schedlang", __version__)
        self.open: dict[str, Document] = {}
        self.loaded: list[Settings] = []  # the settings whose modules were imported

    @property
    def encoding(self) -> str:
        """The units in which columns are counted."""
        return str(getattr(self.workspace.position_encoding, "value", None) or "utf-16")

    def lines(self, document: Document) -> Lines:
        return Lines(document.text, self.encoding)

    def show(self, uri: str, text: str, language: str) -> None:
        """Take a document's text, and tell what is wrong with it."""
        path = to_fs_path(uri) or uri.rpartition("/")[2]
        self.open[uri] = document = Document(path, text, self._settings(path), language)
        lines = self.lines(document)
        diagnostics = [_lsp_diagnostic(each, span, lines) for each, span in document.diagnostics]
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, diagnostics))

    def _settings(self, path: str) -> Settings:
        folder = Path(path).parent
        try:
            settings = find_settings(folder if folder.is_dir() else Path.cwd())
        except ScheduleError as error:
            self._log(f"the settings of schedlang are left out: {error.diagnostics[0].message}")
            return Settings()
        if settings.imports and settings not in self.loaded:
            self.loaded.append(settings)  # even if that fails: it is tried again when something is saved
            try:
                settings.load_modules()
            except ScheduleError as error:
                for each in error.diagnostics:
                    self._log(each.message)
        return settings

    def _log(self, message: str) -> None:
        self.window_log_message(lsp.LogMessageParams(lsp.MessageType.Warning, message))


def make_server() -> Server:
    server = Server()
    server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)(_on_open)
    server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)(_on_change)
    server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)(_on_save)
    server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)(_on_close)
    server.feature(lsp.TEXT_DOCUMENT_HOVER)(_on_hover)
    server.feature(lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=list("(, =")))(_on_complete)
    server.feature(lsp.TEXT_DOCUMENT_FORMATTING)(_on_format)
    kinds: list[lsp.CodeActionKind | str] = [lsp.CodeActionKind.QuickFix, _FIX_ALL]
    server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=kinds))(_on_actions)
    return server


# Documents come, change and go.


def _on_open(server: Server, params: lsp.DidOpenTextDocumentParams) -> None:
    document = params.text_document
    server.show(document.uri, document.text, str(document.language_id))


def _on_change(server: Server, params: lsp.DidChangeTextDocumentParams) -> None:
    document = server.open.get(params.text_document.uri)
    if document is not None:
        changes = [_change(each) for each in params.content_changes]
        text = changed(document.text, changes, server.encoding)
        server.show(params.text_document.uri, text, document.language)


def _change(event: lsp.TextDocumentContentChangeEvent) -> Change:
    if isinstance(event, lsp.TextDocumentContentChangePartial):
        start, end = event.range.start, event.range.end
        return Change((start.line, start.character), (end.line, end.character), event.text)
    return Change(None, None, event.text)


def _on_save(server: Server, params: lsp.DidSaveTextDocumentParams) -> None:
    """Look at everything anew: what was saved may be the settings, or a module that they name."""
    server.loaded.clear()
    for uri, document in list(server.open.items()):
        server.show(uri, document.text, document.language)


def _on_close(server: Server, params: lsp.DidCloseTextDocumentParams) -> None:
    server.open.pop(params.text_document.uri, None)
    server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(params.text_document.uri, []))


# Questions.


def _on_hover(server: Server, params: lsp.HoverParams) -> lsp.Hover | None:
    document, _, inside = _at(server, params)
    if document is None or inside is None or inside.found is None or inside.found.schedule is None:
        return None
    leaf = inside.found.schedule.leaf
    hovered = hover(inside.text, inside.offset, document.bound(inside.found))
    if hovered is None or leaf is None:
        return None
    content = lsp.MarkupContent(lsp.MarkupKind.Markdown, hovered.markdown)
    return lsp.Hover(content, _lsp_range(server.lines(document), leaf.place(hovered.span)))


def _on_complete(server: Server, params: lsp.CompletionParams) -> list[lsp.CompletionItem]:
    document, offset, inside = _at(server, params)
    if document is None or inside is None:
        return []
    completion = complete(inside.text, inside.offset)
    where = _lsp_range(server.lines(document), Span(offset - completion.typed, offset))
    return [
        lsp.CompletionItem(
            item.label,
            kind=_ITEMS[item.kind],
            detail=item.detail,
            documentation=lsp.MarkupContent(lsp.MarkupKind.PlainText, item.doc) if item.doc else None,
            sort_text=f"{index:04}",
            text_edit=lsp.TextEdit(where, item.text),
        )
        for index, item in enumerate(completion.items)
    ]


def _on_format(server: Server, params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit]:
    document = server.open.get(params.text_document.uri)
    return [] if document is None else _lsp_edits(server.lines(document), document.formatted())


def _on_actions(server: Server, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    uri = params.text_document.uri
    document = server.open.get(uri)
    if document is None:
        return []
    lines = server.lines(document)
    start, end = params.range.start, params.range.end
    span = Span(lines.offset(start.line, start.character), lines.offset(end.line, end.character))
    actions = []
    only = params.context.only
    if _wanted(lsp.CodeActionKind.QuickFix.value, only):
        actions += [
            lsp.CodeAction(
                _title(document.text, fix),
                kind=lsp.CodeActionKind.QuickFix,
                diagnostics=[_lsp_diagnostic(each, where, lines)],
                is_preferred=True,
                edit=lsp.WorkspaceEdit(changes={uri: _lsp_edits(lines, fix)}),
            )
            for each, where, fix in document.fixable()
            if where.start <= span.end and span.start <= where.end
        ]
    fixes = document.all_fixes() if _wanted(_FIX_ALL, only) else []
    if fixes:
        edit = lsp.WorkspaceEdit(changes={uri: _lsp_edits(lines, fixes)})
        actions.append(lsp.CodeAction("Mend all schedules that can be mended", kind=_FIX_ALL, edit=edit))
    return actions


def _wanted(kind: str, only: Iterable[str] | None) -> bool:
    """Whether a client that asks for some kinds of actions wants this one."""
    asked = [str(getattr(each, "value", each)) for each in only or ()]
    return only is None or any(f"{kind}.".startswith(f"{each}.") for each in asked)


def _title(text: str, fix: Iterable[Edit]) -> str:
    steps = []
    for edit in fix:
        old, new = " ".join(text[slice(*edit.span)].split()), " ".join(edit.text.split())
        steps.append(f"replace `{old}` by `{new}`" if old and new else f"insert `{new}`" if new else f"remove `{old}`")
    title = ", ".join(steps)
    return title[:1].upper() + title[1:]


# From offsets to positions and back.


def _at(server: Server, params: Any) -> tuple[Document | None, int, Inside | None]:
    """The document, the offset, and the schedule there."""
    document = server.open.get(params.text_document.uri)
    if document is None:
        return None, 0, None
    offset = server.lines(document).offset(params.position.line, params.position.character)
    return document, offset, document.inside(offset)


def _lsp_range(lines: Lines, span: Span) -> lsp.Range:
    return lsp.Range(*(lsp.Position(*lines.position(offset)) for offset in span))


def _lsp_edits(lines: Lines, edits: Iterable[Edit]) -> list[lsp.TextEdit]:
    return [lsp.TextEdit(_lsp_range(lines, edit.span), edit.text) for edit in edits]


def _lsp_diagnostic(diagnostic: Diagnostic, span: Span, lines: Lines) -> lsp.Diagnostic:
    severity = lsp.DiagnosticSeverity.Error if diagnostic.severity == "error" else lsp.DiagnosticSeverity.Warning
    example = diagnostic.example and f"for example: `{diagnostic.example}`"
    message = "\n".join(filter(None, (diagnostic.message, diagnostic.hint, example)))
    return lsp.Diagnostic(_lsp_range(lines, span), message, severity=severity, code=diagnostic.code, source="schedlang")
