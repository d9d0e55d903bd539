"""The page to play with: type a text, see its curve. `schedlang play` serves it.

In the browser runs this package itself. `answers` is what the page asks, with `sliders` and `snippets`; `static/` is
the page, `bundling` puts all files of the site together, and `serving` shows them to a browser on the same machine.
"""
