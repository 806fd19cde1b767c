"""The documents of ``docs/`` as HTML: which there are, what their links lead to, and how Markdown becomes a page.

``kg.web.pages.documents`` has their addresses.
"""
