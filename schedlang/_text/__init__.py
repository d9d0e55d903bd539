"""The first room: texts, where something stands in them, and what is said about it.

Takes characters; gives syntax trees whose pieces know their spans, and diagnostics. Here are the grammar's parser
(`parsing`), diagnostics (`errors`) and how they look (`rendering`), what a run tells and the units (`run`), the limits.
In the room `fixes` below, what may have been meant instead of what was written.

Imports: nothing of schedlang but itself.
"""
