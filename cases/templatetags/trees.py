"""The rows of a tree: nested lists of links, complete without script; `static/js/tree.js` makes an ARIA tree of them.

Written in one go, for a branch has hundreds of rows. `huying` gives `tree_rows` to the templates as a tag.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from django.utils.safestring import SafeString

from cases.templatetags.marks import icon

Node = Mapping[str, Any]
INTO = ' hx-target="#panel" hx-select="#panel" hx-swap="outerHTML" hx-push-url="true"'


def tree_rows(nodes: Iterable[Node]) -> SafeString:
    """One list of nodes {name, url} and, as far as there are: label (its kind), icon, small, initials (what typing
    finds it by), chips [(css, icon, words)], current, children (nodes: it stands open), branch (the address of its
    children as such a list, fetched when somebody opens it), opens (bool: its page has some below it), data
    {name: value} for scripts.

    A link opens its page; with htmx only that page's `#panel` changes, and the tree stays as it was opened.
    """
    return SafeString(f"<ul>{''.join(_node(node) for node in nodes)}</ul>")


def _node(node: Node) -> str:
    children, url = node.get("children"), escape(str(node["url"]))
    opens = bool(children or node.get("branch") or node.get("opens"))
    chips = "".join(
        f'<span class="chip {css}">{icon(sign)}{escape(str(words))}</span>'
        for css, sign, words in node.get("chips") or ()
    )
    return (
        f'<li{" class=open" if children else ""}><a class="n plain{" sel" if node.get("current") else ""}"'
        f' href="{url}" hx-get="{url}"{INTO}{_extras(node)}>'
        f"{icon('chevron-right', 'tw') if opens else '<span class=tw></span>'}{icon(node.get('icon') or '', 'fi')}"
        f'<span class="ell">{escape(str(node["name"]))}</span>'
        + (f'<span class="chip">{escape(str(node["label"]))}</span>' if node.get("label") else "")
        + (f"<small>{escape(str(node['small']))}</small>" if node.get("small") else "")
        + (f'<span class="end">{chips}</span>' if chips else "")
        + f"</a>{tree_rows(children) if children else ''}</li>"
    )


def _extras(node: Node) -> str:
    said = {"initials": node.get("initials"), "branch": node.get("branch"), **(node.get("data") or {})}
    drawn = "".join(f' data-{name}="{escape(str(value))}"' for name, value in said.items() if value)
    return drawn + (' aria-current="page"' if node.get("current") else "")
