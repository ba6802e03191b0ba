"""One labelled input of a form, written in one go: a page about a case has twenty, and as a template each of them
asked forty questions before it was drawn. `huying` gives `field` to the templates as a tag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from uuid import uuid4

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from cases.sla.phrases import _
from cases.templatetags.marks import icon

# other names for the same inputs, so that a need can say what it means
_INPUTS = {
    "string": "line",
    "case": "line",
    "textarea": "text",
    "select": "choice",
    "code": "choice",
    "radio": "seg",
    "codes": "choices",
    "ids": "files",
    "attachments": "files",
    "boolean": "bool",
    "phone": "tel",
    "integer": "number",
    "time": "datetime",
}
_TYPES = {"tel": "tel", "number": "number", "date": "date", "datetime": "datetime-local"}
Option = Mapping[str, Any]


def idempotency_key() -> SafeString:
    """A hidden field that makes a form act once, however often it is sent."""
    return SafeString(f'<input type="hidden" name="idempotency_key" value="{uuid4().hex}">')


def field(found: Mapping[str, Any], posted: Any = None, faults: Any = None, prefix: str = "f") -> SafeString:
    """One labelled input from a need: {field, type, required, label, choices, hint, value, error, placeholder, attrs}.

    Types: text (several lines), line, number, tel, date, datetime, choice, seg (radios side by side), choices
    (several), bool, files, hidden; and those of the table of moves (choice:kinds, code:item, codes:organisation, ids,
    time, case). `required` is shown when it is True: "case" is judged by the command. What was posted comes back;
    a fault stands under its field.
    """
    chosen = _values(found, posted)
    options = _options(found.get("choices") or found.get("groups") or (), chosen)
    kind = _input_for(str(found.get("type") or "line"), bool(options))
    name, value = escape(str(found["field"])), escape(chosen[0]) if chosen else ""
    if kind == "hidden":
        return SafeString(f'<input type="hidden" name="{name}" value="{value}">')
    ident = f"{escape(prefix)}-{name}"
    required, fault = found.get("required") is True, _fault(found, faults)
    label = escape(str(found.get("label") or found["field"]))
    hint, below, described = _below(found, fault, ident)
    wrong = ' aria-invalid="true"' if fault else ""
    if kind == "bool":
        ticked = " checked" if chosen and chosen[0] != "0" else ""
        return SafeString(
            f'<div class="field"><label class="tick"><input type="checkbox" id="{ident}" name="{name}" value="1"'
            f"{ticked}{described}> <span>{label}</span></label>{hint}{below}</div>"
        )
    if kind in ("seg", "choices"):
        told = _("必填")
        star = f'{STAR}<span class="sr">{told}</span>' if required else ""
        inside = _radios(options, name, required, wrong) if kind == "seg" else _ticks(options, name)
        return SafeString(
            f'<fieldset class="field" id="{ident}"{described}><legend class="lab">{label}{star}</legend>'
            f"{inside}{hint}{below}</fieldset>"
        )
    must = " required" if required else ""
    common = f'id="{ident}" name="{name}"'
    if kind == "text":
        drawn = (
            f'<textarea class="inp" {common} rows="{found.get("rows") or 3}"{_placeholder(found)}{must}{wrong}'
            f"{described}>{value}</textarea>"
        )
    elif kind == "choice":
        drawn = f'<select class="inp" {common}{must}{wrong}{described}{_refresh(found)}>{_choice(found, options)}</select>'
    elif kind == "files":
        drawn = _files(found, chosen, ident, name, (must, wrong, described))
    elif kind in ("date", "datetime"):
        drawn = f'<input class="inp" {common} type="{_TYPES[kind]}" value="{value}"{must}{wrong}{described}>'
    else:
        drawn = (
            f'<input class="inp" {common} type="{_TYPES.get(kind, "text")}" value="{value}"{_placeholder(found)}{must}'
            f'{wrong}{described} autocomplete="off">'
        )
    star = STAR if required else ""
    return SafeString(
        f'<div class="field"><label class="lab" for="{ident}">{label}{star}</label>{drawn}{hint}{below}</div>'
    )


STAR = '<span class="req" aria-hidden="true">*</span>'


# -- what stands in and under it


def _below(found: Mapping[str, Any], fault: str, ident: str) -> tuple[str, str, str]:
    """The hint, the fault, and the attribute that ties both to the input."""
    hint = escape(str(found.get("hint") or ""))
    names = [f"{ident}-hint"] if hint else []
    names += [f"{ident}-fault"] if fault else []
    return (
        f'<p class="hint" id="{ident}-hint">{hint}</p>' if hint else "",
        f'<p class="fault" id="{ident}-fault">{icon("alert-square")}<span>{fault}</span></p>'
        if fault
        else "",
        f' aria-describedby="{" ".join(names)}"' if names else "",
    )


def _fault(found: Mapping[str, Any], faults: Any) -> str:
    known = faults if isinstance(faults, Mapping) else {}
    fault = known.get(found["field"]) or found.get("error") or ""
    return escape(" ".join(str(one) for one in fault) if isinstance(fault, list | tuple) else str(fault))


def _placeholder(found: Mapping[str, Any]) -> str:
    words = found.get("placeholder")
    return f' placeholder="{escape(str(words))}"' if words else ""


def _refresh(found: Mapping[str, Any]) -> str:
    address = found.get("refresh")
    if not address:
        return ""
    return f' hx-get="{escape(str(address))}" hx-include="this" hx-target="#pane" hx-swap="outerMorph"'


def _choice(found: Mapping[str, Any], options: Sequence[Option]) -> str:
    empty = found.get("empty", _("请选择"))
    first = f'<option value="">{escape(str(empty))}</option>' if empty else ""
    return first + option_tags(options)


def _files(
    found: Mapping[str, Any], kept: list[str], ident: str, name: str, rest: tuple[str, str, str]
) -> str:
    must, wrong, described = rest
    accept = escape(str(found.get("accept") or "image/*"))
    before = render_to_string("components/kept.html", {"kept": kept, "name": found["field"]}) if kept else ""
    words = _("拍照或选照片")
    return (
        f'<div class="pickfile"><input class="files" id="{ident}" type="file" name="{name}" accept="{accept}" multiple'
        f' data-photos{"" if kept else must}{wrong}{described}><span class="say-so" aria-hidden="true">'
        f'{icon("photo-plus")}{words}</span></div><div class="thumbs mt2" data-thumbs="{ident}"></div>{before}'
        f"{_pad(ident) if found.get('sign') else ''}"
    )


def _pad(ident: str) -> str:
    """At the door: to sign with a finger (signature.js) or to speak (voice.js); what is drawn or said joins the files."""
    speak = render_to_string("components/speak.html", {"ident": ident})
    words, please, done, again = escape(_("签名")), _("请对方在框里用手指签名"), _("签好了"), _("重签")
    return (
        f'<div class="mt2">{speak}</div><div class="mt2" data-sign="{ident}" data-name="{words}" hidden><p class="small muted">{please}</p>'
        f'<canvas width="680" height="260" role="img" tabindex="0" aria-label="{words}"></canvas><div class="row wrap mt1">'
        f'<button class="btn pri" type="button">{icon("check")}{done}</button>'
        f'<button class="btn" type="button" data-again>{again}</button></div></div>'
    )


def _radios(options: Sequence[Option], name: str, required: bool, wrong: str) -> str:
    must = " required" if required else ""
    drawn = "".join(
        f'<label><input class="sr" type="radio" name="{name}" value="{escape(str(one["value"]))}"'
        f"{' checked' if one['chosen'] else ''}{must}> "
        f'<span class="face"></span><span>{escape(str(one["label"]))}</span>{_small(one["hint"])}</label>'
        for one in options
    )
    return f'<div class="seg{" long" if len(options) > 3 else ""}"{wrong}>{drawn}</div>'


def _small(hint: Any) -> str:
    return f"<small>{escape(str(hint))}</small>" if hint else ""


def _ticks(options: Sequence[Option], name: str) -> str:
    """Boxes to tick, group by group."""
    return f'<div class="ticks">{"".join(_tick(one, name) for one in options)}</div>'


def _tick(one: Option, name: str) -> str:
    if "group" in one:
        inside = "".join(_tick(each, name) for each in one["options"])
        return f'<b class="small muted">{escape(str(one["group"]))}</b>{inside}'
    chosen = " checked" if one["chosen"] else ""
    box = f'<input type="checkbox" name="{name}" value="{escape(str(one["value"]))}"{chosen}>'
    return f'<label class="tick">{box}<span>{escape(str(one["label"]))}</span></label>'


def option_tags(options: Sequence[Option]) -> str:
    """The inside of a select; a page may hold a thousand."""
    return "".join(map(_option, options))


def _option(one: Option) -> str:
    if "group" in one:
        return f'<optgroup label="{escape(str(one["group"]))}">{option_tags(one["options"])}</optgroup>'
    chosen = " selected" if one["chosen"] else ""
    return f'<option value="{escape(str(one["value"]))}"{chosen}>{escape(str(one["label"]))}</option>'


# -- what it is asked for


def _values(found: Mapping[str, Any], posted: Any) -> list[str]:
    name = found["field"]
    if posted and hasattr(posted, "getlist"):
        return [str(value) for value in posted.getlist(name)]
    value = posted.get(name) if isinstance(posted, Mapping) and name in posted else found.get("value")
    if value is None or value == "":
        return []
    return [str(one) for one in value] if isinstance(value, list | tuple | set) else [str(value)]


def _options(choices: Sequence[Any], chosen: list[str]) -> list[dict[str, Any]]:
    """Choices as they are drawn; each may be {value, label}, a pair, or {label, choices} for a group."""
    options: list[dict[str, Any]] = []
    for choice in choices or ():
        if isinstance(choice, Mapping) and "choices" in choice:
            options.append({"group": choice["label"], "options": _options(choice["choices"], chosen)})
            continue
        value, label = (choice["value"], choice["label"]) if isinstance(choice, Mapping) else choice
        hint = choice.get("hint", "") if isinstance(choice, Mapping) else ""
        options.append({"value": value, "label": label, "hint": hint, "chosen": str(value) in chosen})
    return options


def _input_for(kind: str, listed: bool) -> str:
    """The input for a type; what has nothing to choose from (a place, a case) is typed."""
    kind = kind.partition(":")[0]
    kind = _INPUTS.get(kind, kind)
    return "line" if kind in ("choice", "choices", "seg") and not listed else kind
