"""Everything below /api/v1/, each room's share in its own list."""

from django.urls import include, path, re_path

from cases.api import channels, docs, duties, files, findings, live, notices, reliefs, similar, stats, views

app_name = "api"

urlpatterns = [
    path("schema/", docs.SchemaView.as_view(), name="schema"),
    path("docs/", docs.DocsView.as_view(url_name="api:schema"), name="docs"),
    path("", include("parties.api.urls")),
    path("", include("grid.api.urls")),
    path("categories/", views.CategoriesView.as_view(), name="categories"),
    path("attachments/", files.UploadView.as_view(), name="attachments"),
    path("attachments/<uuid:pk>/", files.FileView.as_view(), name="attachment"),
    path("calls/", views.CallsView.as_view(), name="calls"),
    path("cases/", views.CasesView.as_view(), name="cases"),
    path("cases/similar/", similar.SimilarToCallView.as_view(), name="similar"),
    path("cases/<str:number>/similar/", similar.SimilarToCaseView.as_view(), name="case-similar"),
    path("cases/<str:number>/", views.CaseView.as_view(), name="case"),
    path("cases/<str:number>/moves/<str:move>/", views.MoveView.as_view(), name="move"),
    path("cases/<str:number>/facts/<str:fact>/", views.FactView.as_view(), name="fact"),
    path("cases/<str:number>/reliefs/", reliefs.ReliefsView.as_view(), name="reliefs"),
    path(
        "cases/<str:number>/reliefs/<int:n>/<str:answer>/", reliefs.AnswerView.as_view(), name="relief-answer"
    ),
    path("cases/<str:number>/timeline/", views.TimelineView.as_view(), name="timeline"),
    path("cases/<str:number>/clocks/<str:stage>/why/", views.WhyView.as_view(), name="why"),
    path("cases/<str:number>/presence/", live.PresenceView.as_view(), name="presence"),
    path("live/", live.LiveView.as_view(), name="live"),
    path("live/ticket/", live.TicketView.as_view(), name="live-ticket"),
    path("stats/summary/", stats.Summary.as_view(), name="stats-summary"),
    path("stats/trend/", stats.Trend.as_view(), name="stats-trend"),
    path("stats/ranking/", stats.Ranking.as_view(), name="stats-ranking"),
    path("stats/figures/", stats.Figures.as_view(), name="stats-figures"),
    path("stats/split/", stats.Split.as_view(), name="stats-split"),
    path("stats/holders/", stats.Holders.as_view(), name="stats-holders"),
    path("duties/", duties.DutiesView.as_view(), name="duties"),
    path("duties/test/", duties.DutyTestView.as_view(), name="duty-test"),
    path("duties/lint/", duties.DutyLintView.as_view(), name="duty-lint"),
    path("duties/<int:pk>/", duties.DutyView.as_view(), name="duty"),
    path("duties/<int:pk>/change/", duties.DutyChangeView.as_view(), name="duty-change"),
    path("duties/<int:pk>/end/", duties.DutyEndView.as_view(), name="duty-end"),
    path("notices/", notices.NoticesView.as_view(), name="notices"),
    path("notices/read/", notices.ReadView.as_view(), name="notices_read"),
    path("notices/preferences/", notices.PreferencesView.as_view(), name="notice_preferences"),
    path("notices/channels/", channels.ChannelsView.as_view(), name="channels"),
    path("notices/channels/<int:pk>/", channels.ChannelView.as_view(), name="channel"),
    path("notices/channels/<int:pk>/test/", channels.TestView.as_view(), name="channel_test"),
    path("notices/failures/", channels.FailuresView.as_view(), name="failures"),
    path("notices/failures/<str:act>/", channels.FailureActView.as_view(), name="failure_act"),
    path("findings/", findings.FindingsView.as_view(), name="findings"),
    path("findings/<int:pk>/", findings.FindingView.as_view(), name="finding"),
    path("findings/<int:pk>/<str:act>/", findings.FindingActView.as_view(), name="finding-act"),
    # last: what nobody above answers
    re_path(r"^(?:.*/)?$", docs.NowhereView.as_view(), name="nowhere"),
]
