"""
Staff members and their roles, each limited in area, programme and time.

Source: docs/explanation/design.md, section 9.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class StaffMember(models.Model):
    """The person behind a sign-in; journals and proposals name this id, never the sign-in."""

    id = models.UUIDField(primary_key=True)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT)
    name = models.TextField()
    language = models.CharField(max_length=8)

    class Meta:
        db_table = "staff_member"


class RoleGrant(models.Model):
    """A role given to a staff member from one day until another, the end exclusive."""

    id = models.UUIDField(primary_key=True)
    staff = models.ForeignKey(StaffMember, models.PROTECT, related_name="grants")
    role = models.TextField()
    area = models.UUIDField(null=True)
    programme = models.UUIDField(null=True)
    from_date = models.DateField()
    until_date = models.DateField()

    class Meta:
        db_table = "role_grant"
        constraints = (
            models.CheckConstraint(
                name="role_grant_ends_after_it_starts", condition=Q(until_date__gt=F("from_date"))
            ),
        )


class UsedCode(models.Model):
    """A step of time whose code of the second factor was used: it is never taken again."""

    pk = models.CompositePrimaryKey("user", "step")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, db_index=False)
    step = models.BigIntegerField()

    class Meta:
        db_table = "used_code"


class ShortMemory(models.Model):
    """A small value that counts until its time is over, such as recent tries; the key is a hash."""

    key = models.BinaryField(primary_key=True)
    value = models.JSONField()
    until = models.FloatField(db_index=True)

    class Meta:
        db_table = "short_memory"


class CommandSession(models.Model):
    """A staff member's session on the command line; only the hash of its secret is kept."""

    secret_sha256 = models.BinaryField(primary_key=True)
    staff = models.ForeignKey(StaffMember, models.PROTECT)
    expires_at = models.BigIntegerField()

    class Meta:
        db_table = "command_session"
