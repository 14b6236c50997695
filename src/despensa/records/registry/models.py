"""
Areas, households, registrants, dated memberships, sealed identity and imports.

Core facts are typed columns; every other catalogue fact is a key of the JSONB column `facts`;
names, documents, phones, addresses and birth days are sealed bytes.
Source: docs/explanation/design.md, section 5, Columns.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class Area(models.Model):
    """A place in the tree of administrative areas; its p-code is opaque text."""

    id = models.UUIDField(primary_key=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    pcode = models.CharField(max_length=32, unique=True)
    level = models.SmallIntegerField()
    names = models.JSONField()

    class Meta:
        db_table = "area"


class Household(models.Model):
    """A group that shares a dwelling or means."""

    id = models.UUIDField(primary_key=True)
    area = models.ForeignKey(Area, models.PROTECT)
    facts = models.JSONField(default=dict)
    registered_on = models.DateField()

    class Meta:
        db_table = "household"


class Registrant(models.Model):
    """A person who gave their information, entitled or not."""

    class Sex(models.IntegerChoices):
        """ISO/IEC 5218 without its unknown: unknown is NULL here."""

        MALE = 1
        FEMALE = 2
        OTHER = 3

    class BirthPrecision(models.IntegerChoices):
        """How much of the birth date is known; the day itself is sealed."""

        UNKNOWN = 0
        YEAR = 1
        MONTH = 2
        DAY = 3

    id = models.UUIDField(primary_key=True)
    birth_month = models.DateField(null=True)
    birth_precision = models.SmallIntegerField(choices=BirthPrecision.choices)
    sex = models.SmallIntegerField(null=True, choices=Sex.choices)
    facts = models.JSONField(default=dict)
    full_name = models.BinaryField(null=True)
    name_parts = models.BinaryField(null=True)
    address = models.BinaryField(null=True)
    birth_day = models.BinaryField(null=True)

    class Meta:
        db_table = "registrant"
        constraints = (
            models.CheckConstraint(
                name="registrant_birth_month_is_a_first",
                condition=Q(birth_month__isnull=True) | Q(birth_month__day=1),
            ),
            models.CheckConstraint(
                name="registrant_birth_precision_fits",
                condition=Q(birth_month__isnull=True, birth_precision=0)
                | Q(birth_month__isnull=False, birth_precision__in=(1, 2, 3)),
            ),
            models.CheckConstraint(
                name="registrant_sex_known", condition=Q(sex__isnull=True) | Q(sex__in=(1, 2, 3))
            ),
        )


class RegistrantDocument(models.Model):
    """A sealed identity document; its row id is part of the seal."""

    id = models.UUIDField(primary_key=True)
    registrant = models.ForeignKey(Registrant, models.PROTECT, related_name="documents")
    sealed = models.BinaryField()

    class Meta:
        db_table = "registrant_document"


class RegistrantPhone(models.Model):
    """A sealed telephone number."""

    id = models.UUIDField(primary_key=True)
    registrant = models.ForeignKey(Registrant, models.PROTECT, related_name="phones")
    sealed = models.BinaryField()

    class Meta:
        db_table = "registrant_phone"


class Membership(models.Model):
    """A person's role in a household from one day until another, the end exclusive."""

    class Role(models.IntegerChoices):
        """Head and member live there; collectors may fetch."""

        HEAD = 1
        MEMBER = 2
        PRIMARY_COLLECTOR = 3
        ALTERNATE_COLLECTOR = 4

    id = models.UUIDField(primary_key=True)
    household = models.ForeignKey(Household, models.PROTECT, related_name="memberships")
    registrant = models.ForeignKey(Registrant, models.PROTECT, related_name="memberships")
    role = models.SmallIntegerField(choices=Role.choices)
    from_date = models.DateField()
    until_date = models.DateField(null=True)
    # the operation that began it; NULL is an import. Histories: migrations/0003
    begun_by = models.UUIDField(null=True)

    class Meta:
        db_table = "membership"
        constraints = (
            models.CheckConstraint(
                name="membership_role_known", condition=Q(role__in=(1, 2, 3, 4))
            ),
            models.CheckConstraint(
                name="membership_does_not_end_before_it_starts",
                condition=Q(until_date__isnull=True) | Q(until_date__gte=F("from_date")),
            ),
            models.UniqueConstraint(
                name="membership_one_household_a_person",
                fields=("registrant",),
                condition=Q(until_date__isnull=True, role__in=(1, 2)),
            ),
            models.UniqueConstraint(
                name="membership_one_head_a_household",
                fields=("household",),
                condition=Q(until_date__isnull=True, role=1),
            ),
        )


class PersonKey(models.Model):
    """A person's wrapped key; destroying it erases everything sealed under it. Never journalled."""

    person = models.UUIDField(primary_key=True)
    kek = models.BigIntegerField()
    wrapped = models.BinaryField()

    class Meta:
        db_table = "person_key"


class SearchToken(models.Model):
    """A keyed hash of a text a person can be found by."""

    pk = models.CompositePrimaryKey("token", "person")
    token = models.BigIntegerField()
    person = models.UUIDField()
    key_id = models.SmallIntegerField()

    class Meta:
        db_table = "search_token"


class PersonTokens(models.Model):
    """Which search tokens are a person's: an index of search_token by person would cost more."""

    person = models.UUIDField(primary_key=True)
    tokens = ArrayField(models.BigIntegerField())

    class Meta:
        db_table = "person_tokens"


class Origin(models.Model):
    """
    Where a household came from: a keyed hash of source and record id, so that no file doubles it.

    `said` holds digests of what the source said, and its people (domain/registration/said.py).
    """

    origin_ref = models.BinaryField(primary_key=True)
    row = models.UUIDField()
    register_import = models.UUIDField()
    said = models.BinaryField()

    class Meta:
        db_table = "origin"


class ImportPair(models.Model):
    """What one household of a file became; `place` is where it stands in the file, from 1."""

    class Effect(models.IntegerChoices):
        """What the file did; numbers are never reused."""

        ADDED = 1
        UPDATED = 2
        SAME = 3
        LEFT = 4

    pk = models.CompositePrimaryKey("register_import", "place")
    register_import = models.UUIDField()
    place = models.IntegerField()
    # a note of what was done, which must not stand in the way of bringing households back
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    effect = models.SmallIntegerField(choices=Effect.choices)
    # the operation of the household's history that followed the file
    change = models.UUIDField(null=True)

    class Meta:
        db_table = "import_pair"
        constraints = (
            models.CheckConstraint(
                name="import_pair_change_goes_with_updated",
                condition=Q(effect=2, change__isnull=False)
                | Q(effect__in=(1, 3, 4), change__isnull=True),
            ),
        )


class HouseholdBefore(models.Model):
    """
    What a file's update replaced of a household, until the import can be undone no more.

    `written` is the hash of the row as the update left it: a later correction shows.
    """

    pk = models.CompositePrimaryKey("register_import", "household")
    register_import = models.UUIDField()
    household = models.UUIDField()
    facts = models.JSONField()
    said = models.BinaryField()
    written = models.BinaryField()

    class Meta:
        db_table = "household_before"


class RegistrantBefore(models.Model):
    """What a file's update replaced of a person, sealed as it was; see `HouseholdBefore`."""

    pk = models.CompositePrimaryKey("register_import", "registrant")
    register_import = models.UUIDField()
    registrant = models.UUIDField(db_index=True)
    birth_month = models.DateField(null=True)
    birth_precision = models.SmallIntegerField()
    sex = models.SmallIntegerField(null=True)
    facts = models.JSONField()
    full_name = models.BinaryField(null=True)
    name_parts = models.BinaryField(null=True)
    address = models.BinaryField(null=True)
    birth_day = models.BinaryField(null=True)
    tokens = ArrayField(models.BigIntegerField())
    written = models.BinaryField()

    class Meta:
        db_table = "registrant_before"


class SealedBefore(models.Model):
    """A document or phone as it was before a file's update; empty where it was added."""

    pk = models.CompositePrimaryKey("register_import", "row")
    register_import = models.UUIDField()
    row = models.UUIDField()
    registrant = models.UUIDField(db_index=True)
    is_phone = models.BooleanField()
    sealed = models.BinaryField()
    written = models.BinaryField()

    class Meta:
        db_table = "sealed_before"


class RegisterImport(models.Model):
    """One register file on its way in; its content lies sealed in the staging folder."""

    class State(models.IntegerChoices):
        """What became of the file."""

        STAGED = 1
        COMMITTED = 2
        REFUSED = 3
        UNDONE = 4

    id = models.UUIDField(primary_key=True)
    file_sha256 = models.BinaryField()
    kind = models.TextField()
    file_name = models.CharField(max_length=120)
    state = models.SmallIntegerField(choices=State.choices)
    counts = models.JSONField()
    proposal = models.UUIDField(null=True, unique=True)
    # the smallest area that all its households lie in
    area = models.ForeignKey(Area, models.PROTECT)
    staff = models.UUIDField()
    staged_at = models.BigIntegerField()
    committed_at = models.BigIntegerField(null=True)
    undone_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "register_import"
        constraints = (
            models.CheckConstraint(
                name="register_import_undone_was_taken_in",
                condition=Q(state=4, committed_at__isnull=False, undone_at__isnull=False)
                | ~Q(state=4) & Q(undone_at__isnull=True),
            ),
            models.UniqueConstraint(
                name="register_import_a_file_once",
                fields=("file_sha256",),
                condition=Q(state__in=(1, 2)),
            ),
        )


class RowsTakenAlone(models.Model):
    """
    How many rows one person took in on one day without a second person.

    The constraint is what keeps many small files from being a large one.
    """

    pk = models.CompositePrimaryKey("day", "staff")
    day = models.DateField()
    staff = models.UUIDField()
    rows = models.IntegerField()

    class Meta:
        db_table = "rows_taken_alone"
        constraints = (
            models.CheckConstraint(
                name="rows_taken_alone_are_few", condition=Q(rows__gt=0, rows__lte=50)
            ),
        )


class ColumnMap(models.Model):
    """What the columns of a source mean whose headings do not say it; headings, never values."""

    id = models.UUIDField(primary_key=True)
    source = models.TextField()
    headings = models.BinaryField()
    fields = models.JSONField()
    staff = models.UUIDField()
    at = models.BigIntegerField()

    class Meta:
        db_table = "column_map"
        constraints = (
            models.UniqueConstraint(
                name="column_map_one_for_headings", fields=("source", "headings")
            ),
        )


class AccessEntry(models.Model):
    """
    One person whose record somebody looked at: the list that person may read.

    Written in one transaction with the journal entry it repeats, so that the list is one index
    lookup and no search through the journal.
    """

    pk = models.CompositePrimaryKey("entry", "person")
    entry = models.UUIDField()
    person = models.UUIDField()
    at = models.BigIntegerField()
    staff = models.UUIDField()
    purpose = models.SmallIntegerField()
    fields = ArrayField(models.SmallIntegerField())

    class Meta:
        db_table = "access_entry"
        indexes = (models.Index(name="access_entry_of_person", fields=("person", "-at")),)
