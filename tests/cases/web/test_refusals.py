"""Refusals on pages: the right status, the domain's sentence, and nothing for who may not see it."""

from __future__ import annotations

import pytest
from django.test import Client

from cases.models import Case
from ledger.models import Entry
from tests import builders
from tests.clients import jpeg
from tests.pages import Reader, photo

pytestmark = pytest.mark.django_db
PAGES = (
    "/calls/new/",
    "/todo/",
    "/my/",
    "/grid/",
    "/desk/",
    "/queue/",
    "/cases/",
    "/notices/",
    "/dashboard/",
)


def test_strangers_are_led_to_the_login(town):
    case = builders.a_case()
    for path in (*PAGES, f"/cases/{case.number}/", f"/cases/{case.number}/moves/accept/"):
        answer = Client().get(path)
        assert (answer.status_code, answer["Location"]) == (302, f"/login/?next={path}"), path
    assert Client().post(f"/cases/{case.number}/moves/accept/", {}).status_code == 302


def test_outside_is_404_and_looks_like_nothing(town):
    case = builders.a_case()
    there = Reader("linju").open(f"/cases/{case.number}/")
    nowhere = Reader("linju").open("/cases/GYG20200101-0001/")
    assert there.status == nowhere.status == 404 and there.says("没有找到，或不在您的范围内。")
    assert there.words.replace(case.number, "") == nowhere.words.replace("GYG20200101-0001", "")
    for path in ("clocks/resolve/why/", "slip/", "moves/accept/", "facts/note/"):
        assert Reader("linju").open(f"/cases/{case.number}/{path}").status == 404, path
    assert Reader("linju").open("/nothing/here/").status == 404


def test_a_post_from_outside_is_404_too(town):
    case = builders.a_case()
    reader = Reader("linju").open("/my/")
    form = next(form for form in reader.forms if form.action == "/preferences/")
    form.action, form.fields["version"] = f"/cases/{case.number}/moves/escalate/", ["1"]
    assert reader.send(form, reason="看看。").status == 404
    form.action = f"/cases/{case.number}/facts/note/"
    assert reader.send(form, text="看看。").status == 404
    assert Entry.objects.filter(subject_kind="case").count() == 1


def test_inside_without_the_right_is_403_with_the_sentence(town):
    case = builders.a_case()
    assert Reader("wangge").open("/desk/").status == 403
    assert Reader("wangge").open("/desk/").says("受理", "权限")
    reader = Reader("wangge").open(f"/cases/{case.number}/")
    form = reader.form("note") if any("note" in form.action for form in reader.forms) else reader.forms[0]
    form.action = f"/cases/{case.number}/moves/accept/"
    assert reader.send(form).status == 403 and reader.says("您没有“受理”的权限。")
    assert Reader("shenji").open(f"/cases/{case.number}/").status == 200
    assert not [
        form for form in Reader("shenji").open(f"/cases/{case.number}/").forms if "/moves/" in form.action
    ]


def test_without_a_version_400(town):
    case = builders.a_case("assigned")
    reader = Reader("bumen").open(f"/cases/{case.number}/")
    assert reader.send("sign", version="").status == 400 and reader.says("版本号")
    assert reader.send("sign", version="x1").status == 400
    assert reader.send("sign", idempotency_key="x" * 300).status == 400
    assert reader.send("sign").status == 200


def test_not_from_here_409(town):
    case = builders.a_case("assigned")
    reader = Reader("bumen").open(f"/cases/{case.number}/")
    form = reader.form("sign")
    builders.walk(case, "recall")
    answer = reader.send(form)
    assert answer.status == 409 and answer.says("刚被别人改过")
    form.fields["version"] = [str(Case.objects.get(pk=case.pk).version)]
    assert answer.send(form).status in (403, 409)


def test_no_such_move_or_fact(town):
    case = builders.a_case()
    for name in ("nonsense", "close", "take", "accept_everything"):
        assert Reader("jiedao").open(f"/cases/{case.number}/moves/{name}/").status == 404
    assert Reader("jiedao").open(f"/cases/{case.number}/facts/nonsense/").status == 404
    assert Reader("jiedao").open(f"/cases/{case.number}/moves/accept/").says("受理", "小项")
    assert Reader("wangge").open(f"/cases/{case.number}/facts/note/").says("留言")


def test_every_post_needs_its_token(town):
    case = builders.a_case("assigned")
    client = Client(enforce_csrf_checks=True)
    client.force_login(town.account("bumen"), "parties.backends.PostingsBackend")
    for path in (f"/cases/{case.number}/moves/sign/", "/calls/new/", "/notices/", "/track/"):
        answer = client.post(path, {"version": case.version})
        assert answer.status_code == 403 and "页面放得太久了" in answer.content.decode()
    case.refresh_from_db()
    assert case.status == "assigned"


def test_changes_only_by_post(town):
    case = builders.a_case("assigned")
    before = Entry.objects.count()
    for path in (
        f"/cases/{case.number}/moves/sign/",
        f"/cases/{case.number}/facts/reveal/",
        "/notices/?read=all",
    ):
        assert Reader("bumen").open(path).status == 200
    assert Entry.objects.count() == before
    client = Client()
    client.force_login(town.account("bumen"), "parties.backends.PostingsBackend")
    assert client.put(f"/cases/{case.number}/moves/sign/").status_code == 405
    assert client.post(f"/cases/{case.number}/").status_code == 405


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:1", "/nowhere/"]
)
def test_the_way_back_stays_here(town, back):
    case = builders.a_case("assigned")
    reader = Reader("bumen").open(f"/cases/{case.number}/")
    assert reader.send("sign", back=back).path == f"/cases/{case.number}/"
    assert "evil.example" not in reader.text


def test_names_are_escaped(town):
    builders.a_case(text="<script>alert(1)</script>", caller={"name": "<b>x", "phone": "13905371234"})
    case = Case.objects.latest("id")
    for username, path in (
        ("jiedao", "/desk/"), ("jiedao", "/cases/?q=<script>"), ("wangge", "/my/"), ("jiedao", f"/cases/{case.number}/"),
    ):  # fmt: skip
        text = Reader(username).open(path).text
        assert "<script>alert" not in text and "<b>x" not in text, path
    assert "&lt;script&gt;" in Reader("jiedao").open(f"/cases/{case.number}/").text


def test_personal_pages_are_kept_by_no_cache_and_run_no_inline_script(town):
    case = builders.a_case()
    for username, path in (
        ("jiedao", "/desk/"),
        ("bumen", "/queue/"),
        ("jiedao", f"/cases/{case.number}/"),
        ("wangge", "/my/"),
    ):
        reader = Reader(username).open(path)
        assert reader.response["Cache-Control"] == "private, no-store", path
        assert "HX-Request" in reader.response["Vary"]
        assert "script-src 'self'" in reader.response["Content-Security-Policy"]
        for tag in reader.text.split("<script")[1:]:
            assert "src=" in tag.partition(">")[0], tag[:80]
        assert "onclick=" not in reader.text and 'style="color' not in reader.text


def test_guarded_words_are_for_desk_and_holder_only(town):
    case = builders.a_case(item="0412", text="听到邻居打孩子。", place=town.GRID)
    case.refresh_from_db()
    assert case.sensitive
    for username, reads in (("shequ", True), ("wangge", True), ("lingdao", False), ("shenji", False)):
        reader = Reader(username).open(f"/cases/{case.number}/")
        assert reader.status == 200, username
        assert ("听到邻居打孩子。" in reader.text) is reads, username
        assert "139****1234" in reader.text or not reads
    listed = Reader("lingdao").open("/cases/")
    assert case.number not in listed.text and "听到邻居" not in listed.text
    assert case.number in Reader("shequ").open("/cases/").text
    assert not Reader("lingdao").open("/cases/?q=听到邻居").says(case.number)


def test_files_by_right(town):
    worker = Reader("wangge").open("/calls/new/")
    worker.send("call-form", {"attachments": photo()}, text="外墙。", action="take", caller_phone="12")
    kept = worker.form("call-form").fields["attachments"][0]
    assert worker.open(f"/attachments/{kept}/").response["Content-Type"] == "image/jpeg"
    assert Reader("jiedao").open(f"/attachments/{kept}/").status == 404
    worker.open("/calls/new/").send("call-form", text="外墙。", action="take", attachments=[kept])
    seen = Reader("jiedao").open(f"/attachments/{kept}/?small=1")
    assert seen.status == 200 and seen.response["X-Content-Type-Options"] == "nosniff"
    assert seen.body[:3] == jpeg()[:3]
    assert Reader("linju").open(f"/attachments/{kept}/").status == 404
    assert Client().get(f"/attachments/{kept}/").status_code == 302


def test_a_file_that_is_none(town):
    from django.core.files.uploadedfile import SimpleUploadedFile

    worker = Reader("wangge").open("/calls/new/")
    worker.send(
        "call-form", {"attachments": SimpleUploadedFile("a.jpg", b"no picture")}, text="外墙。", action="take"
    )
    assert worker.status == 422 and "外墙。" in worker.text and not Case.objects.exists()


def test_htmx_gets_the_fragment(town):
    case = builders.a_case("assigned")
    reader = Reader("bumen", htmx=True).open(f"/cases/{case.number}/")
    assert "<html" not in reader.text and 'id="work"' in reader.text
    reader.send("sign")
    assert reader.status == 200 and reader.says("已签收") and "<html" not in reader.text
    reader.send("resolve", result="")
    assert reader.status == 422 and "<html" not in reader.text
    reader.send("resolve", result="洗好了。", back="/queue/", files={"attachments": photo()})
    assert reader.response["HX-Redirect"] == "/queue/"


def test_english(town):
    account = town.account("bumen")
    account.language = "en"
    account.save(update_fields=["language"])
    case = builders.a_case("assigned")
    for path in ("/queue/", f"/cases/{case.number}/"):
        assert Reader("bumen").open(path).response["Content-Language"] == "en"


def test_notices_are_read(town):
    from ledger import post

    builders.a_case("assigned")
    for entry in Entry.objects.filter(pending=True).order_by("id"):
        post.deliver(entry)
    clerk = Reader("bumen").open("/notices/")
    assert clerk.says("新派来，待签收", "1 条未读")
    clerk.send(next(form for form in clerk.forms if form.action == "/notices/"), read="all")
    assert clerk.path == "/notices/" and not clerk.says("条未读")
