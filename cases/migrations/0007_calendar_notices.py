import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0006_reliefs"),
        ("grid", "0003_boundaries"),
        ("parties", "0001_people_and_organisations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CalendarNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="年份")),
                ("text", models.TextField(verbose_name="通知")),
                ("digest", models.CharField(max_length=64)),
                ("basis", models.CharField(blank=True, default="", max_length=120, verbose_name="依据")),
                ("sent_by", models.BigIntegerField(blank=True, null=True, verbose_name="送入人")),
                ("sent_at", models.DateTimeField(verbose_name="送入时间")),
                ("applied_by", models.BigIntegerField(blank=True, null=True, verbose_name="导入人")),
                ("applied_at", models.DateTimeField(blank=True, null=True, verbose_name="导入时间")),
            ],
            options={
                "verbose_name": "放假通知",
                "ordering": ["-sent_at", "-id"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="calendarday",
            name="calendar_day_once",
        ),
        migrations.AddField(
            model_name="calendar",
            name="organisation",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="parties.organisation",
            ),
        ),
        migrations.AddField(
            model_name="calendar",
            name="past",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="calendar",
            name="place",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="grid.place",
            ),
        ),
        migrations.AddField(
            model_name="calendarday",
            name="since_seq",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="calendarday",
            name="until_seq",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="policy",
            name="end_proposed_by",
            field=models.BigIntegerField(blank=True, null=True, verbose_name="提议失效的人"),
        ),
        migrations.AddField(
            model_name="policy",
            name="ends_on",
            field=models.DateField(blank=True, null=True, verbose_name="提议的失效日"),
        ),
        migrations.AddIndex(
            model_name="clock",
            index=models.Index(
                condition=models.Q(("provisional", True), ("stopped_at__isnull", True)),
                fields=["case"],
                name="clock_provisional",
            ),
        ),
        migrations.AddConstraint(
            model_name="calendar",
            constraint=models.CheckConstraint(
                condition=models.Q(("place__isnull", True), ("organisation__isnull", True), _connector="OR"),
                name="calendar_of_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="calendarday",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until_seq__isnull", True)),
                fields=("calendar", "date"),
                name="calendar_day_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="calendarday",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until_seq__isnull", True), ("until_seq__gt", models.F("since_seq")), _connector="OR"
                ),
                name="calendar_day_until_after_since",
            ),
        ),
        migrations.AddField(
            model_name="calendarnotice",
            name="calendar",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="notices", to="cases.calendar"
            ),
        ),
        migrations.AddConstraint(
            model_name="calendarnotice",
            constraint=models.UniqueConstraint(
                fields=("calendar", "digest", "year"), name="calendar_notice_once"
            ),
        ),
    ]
