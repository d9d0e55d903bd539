"""Config files: trees of values that know where each character stands, and edits that touch nothing else.

Takes files and keys; gives texts with places, errors as errors in the file, and files with some texts rewritten.
`formats` reads YAML, JSON and TOML, `recognizing` says whose a text is, `writing` replaces files.

Imports: `_text`, `_text.fixes`, `_language`, `_bound`, `_transfer`.
"""
