"""The cases' pages."""

from django.urls import path

from cases.web import (
    bulk,
    case,
    channels,
    dashboard,
    desk,
    disputes,
    exports,
    field,
    figures,
    files,
    findings,
    lists,
    notices,
    reliefs,
    saved,
    search,
    sheets,
    simulations,
    stickers,
    track,
)
from cases.web.rules import urls as rules
from cases.web.tree import draft as tree_draft
from cases.web.tree import editor as tree_editor
from cases.web.tree import past as tree_past

app_name = "cases"

urlpatterns = [
    # outdoors
    path("calls/new/", field.new_call, name="new_call"),
    path("calls/similar/", field.similar_calls, name="similar_calls"),
    path("calls/<str:number>/taken/", field.taken, name="taken"),
    path("todo/", field.todo, name="todo"),
    path("my/", field.my_calls, name="my_calls"),
    path("grid/", field.grid, name="grid"),
    # at a desk
    path("desk/", desk.show, name="desk"),
    path("desk/<str:number>/", desk.case, name="desk_case"),
    path("queue/", lists.queue, name="queue"),
    path("reliefs/", reliefs.waiting, name="reliefs"),
    path("claims/", disputes.claims, name="claims"),
    path("cases/", lists.all_cases, name="list"),
    path("search/", search.results, name="search"),
    path("search/suggest/", search.suggest, name="search_suggest"),
    path("search/phone/", search.phone, name="search_phone"),
    path("bulk/<int:pk>/", bulk.report, name="bulk_run"),
    path("bulk/<str:move>/", bulk.many, name="bulk"),
    path("exports/", exports.begin, name="exports"),
    path("exports/<int:pk>/", exports.export, name="export"),
    path("exports/<int:pk>/file/", exports.file, name="export_file"),
    path("filters/", saved.saved, name="saved_filters"),
    path("filters/<int:pk>/", saved.change, name="saved_filter"),
    path("dashboard/", dashboard.show, name="dashboard"),
    path("dashboard/holders/", dashboard.holders, name="holders"),
    path("dashboard/figures/", figures.definitions, name="figures"),
    path("dashboard/later/", figures.later, name="figures_later"),
    path("dashboard/figures/<str:code>/", figures.one, name="figure"),
    path("dashboard/figures/<str:code>/<str:part>/", figures.rows, name="figure_rows"),
    path("notices/", notices.inbox, name="notices"),
    path("notices/<int:pk>/", notices.opened, name="notice"),
    path("notices/preferences/", notices.choose, name="notice_preferences"),
    path("notices/channels/", channels.channels, name="channels"),
    path("notices/channels/<int:pk>/<slug:act>/", channels.channel, name="channel"),
    path("notices/failures/", channels.failed, name="failures"),
    path("findings/", findings.show, name="findings"),
    path("findings/<int:pk>/", findings.finding, name="finding"),
    path("findings/<int:pk>/<str:act>/", findings.act, name="finding_act"),
    path("simulations/", simulations.simulations, name="simulations"),
    path("simulations/<int:pk>/", simulations.simulation, name="simulation"),
    *rules.patterns,
    # one case
    path("cases/<str:number>/", case.detail, name="detail"),
    path("cases/<str:number>/keys/<str:key>/", sheets.sheet, name="sheet"),
    path("cases/<str:number>/moves/<str:move>/", case.move, name="move"),
    path("cases/<str:number>/facts/<str:fact>/", case.fact, name="fact"),
    path("cases/<str:number>/clocks/<str:stage>/why/", case.why, name="why"),
    path("cases/<str:number>/reliefs/new/<str:kind>/", reliefs.ask, name="relief_ask"),
    path("cases/<str:number>/reliefs/<str:n>/", reliefs.one, name="relief"),
    path("cases/<str:number>/reliefs/<str:n>/<str:answer>/", reliefs.answer, name="relief_answer"),
    path("cases/<str:number>/finding/", findings.propose, name="finding_propose"),
    path("cases/<str:number>/dispute/", disputes.dispute, name="dispute"),
    path("cases/<str:number>/slip/", case.slip, name="slip"),
    path("attachments/<uuid:pk>/", files.attachment, name="attachment"),
    # the tree of places, for admins
    path("tree/", tree_editor.show, name="tree"),
    path("tree/rows/", tree_editor.rows, name="tree_rows"),
    path("tree/find/", tree_editor.find, name="tree_find"),
    path("tree/draft/", tree_draft.draft, name="tree_draft"),
    path("tree/published/", tree_draft.published, name="tree_published"),
    path("tree/retired/", tree_editor.retired, name="tree_retired"),
    path("tree/past/", tree_past.past, name="tree_past"),
    path("tree/<str:code>/", tree_editor.show, name="tree_place"),
    # residents, without an account
    path("q/<str:token>/", stickers.scanned, name="sticker"),
    path("track/", track.ask, name="track"),
    path("track/<str:code>/", track.tracked, name="tracked"),
    path("track/<str:code>/slip/", track.slip, name="track_slip"),
]
