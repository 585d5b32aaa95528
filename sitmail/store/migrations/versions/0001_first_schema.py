"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("incident", KEY, nullable=True),
        sa.Column("inbox", KEY, nullable=True),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_table(
        "blob",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", KEY, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blob")),
    )
    op.create_table(
        "contract",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("service_level", sa.Text(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("starts", sa.Text(), nullable=False),
        sa.Column("expires", sa.Text(), nullable=False),
        sa.Column("incidents", sa.Integer(), nullable=True),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("everybody", sa.Boolean(), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
    )
    op.create_index(op.f("ix_contract_site"), "contract", ["site"], unique=False)
    op.create_table(
        "counter",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("next", KEY, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "generation",
        sa.Column("person", KEY, autoincrement=False, nullable=False),
        sa.Column("incident", KEY, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("person", "incident", name=op.f("pk_generation")),
    )
    op.create_table(
        "inbox",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("received", MOMENT, nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("size", KEY, nullable=False),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("ending", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("incident", KEY, nullable=True),
        sa.Column("duplicate_of", KEY, nullable=True),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", MOMENT, nullable=True),
        sa.Column("claimed_by", sa.Text(), nullable=False),
        sa.Column("lease", MOMENT, nullable=True),
        sa.Column("ended", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
    )
    op.create_index(
        "ix_inbox_waiting",
        "inbox",
        ["id"],
        unique=False,
        sqlite_where=sa.text("ending = 'waiting'"),
        postgresql_where=sa.text("ending = 'waiting'"),
    )
    op.create_index(
        "uq_inbox_once",
        "inbox",
        ["content", "recipient"],
        unique=True,
        sqlite_where=sa.text("ending <> 'duplicate'"),
        postgresql_where=sa.text("ending <> 'duplicate'"),
    )
    op.create_table(
        "known_id",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("incident", KEY, autoincrement=False, nullable=False),
        sa.Column("person", KEY, autoincrement=False, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("leg", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("message_id", "incident", "person", name=op.f("pk_known_id")),
    )
    op.create_index(op.f("ix_known_id_incident_person"), "known_id", ["incident", "person"], unique=False)
    op.create_table(
        "mailbox",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_mailbox")),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "leftover",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("uid", KEY, autoincrement=False, nullable=False),
        sa.Column("want", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", MOMENT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account", "folder", "uid", name=op.f("pk_leftover")),
    )
    op.create_table(
        "source",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("uidvalidity", KEY, nullable=False),
        sa.Column("uid", KEY, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("lease", MOMENT, nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("since", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("account", "folder", name=op.f("pk_source")),
    )
    op.create_table(
        "person",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("manager", sa.Text(), nullable=False),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.Column("declared", sa.Boolean(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("kind", "key", name=op.f("uq_person_kind_key")),
    )
    op.create_table(
        "site",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("account_manager", sa.Text(), nullable=False),
        sa.Column("territory", sa.Text(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
    )
    op.create_table(
        "warning",
        sa.Column("incident", KEY, autoincrement=False, nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("cycle", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("said", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("incident", "target", "threshold", "cycle", name=op.f("pk_warning")),
    )
    op.create_table(
        "address",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("person", KEY, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("bounces", sa.Integer(), nullable=False),
        sa.Column("bounced", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_address_person")),
        sa.PrimaryKeyConstraint("address", "person", name=op.f("pk_address")),
    )
    op.create_index(op.f("ix_address_person"), "address", ["person"], unique=False)
    op.create_table(
        "contract_contact",
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["contract"], ["contract.id"], name=op.f("fk_contract_contact_contract")),
        sa.PrimaryKeyConstraint("contract", "address", name=op.f("pk_contract_contact")),
    )
    op.create_table(
        "held",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("inbox", KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("incident", KEY, nullable=True),
        sa.Column("person", KEY, nullable=True),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("locked_by", sa.Text(), nullable=False),
        sa.Column("locked_until", MOMENT, nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["inbox"], ["inbox.id"], name=op.f("fk_held_inbox")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_held_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held")),
    )
    op.create_index(op.f("ix_held_inbox"), "held", ["inbox"], unique=False)
    op.create_index(
        "ix_held_open",
        "held",
        ["id"],
        unique=False,
        sqlite_where=sa.text("decision = ''"),
        postgresql_where=sa.text("decision = ''"),
    )
    op.create_table(
        "incident",
        sa.Column("number", KEY, autoincrement=False, nullable=False),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("closing_status", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("request_type", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("temporary_owner", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("contact", KEY, nullable=True),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("service_level", sa.Text(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("resolution", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("customer_reference", sa.Text(), nullable=False),
        sa.Column("logged_by", sa.Text(), nullable=False),
        sa.Column("opened", MOMENT, nullable=False),
        sa.Column("updated", MOMENT, nullable=False),
        sa.Column("closed", MOMENT, nullable=True),
        sa.Column("next_action", sa.Text(), nullable=False),
        sa.Column("next_action_at", MOMENT, nullable=True),
        sa.Column("closure_requested", MOMENT, nullable=True),
        sa.Column("closure_reason", sa.Text(), nullable=False),
        sa.Column("reason_asked", sa.Boolean(), nullable=False),
        sa.Column("customer_hold", sa.Boolean(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("cycle_opened", MOMENT, nullable=False),
        sa.Column("updates", sa.Integer(), nullable=False),
        sa.Column("merged_into", KEY, nullable=True),
        sa.Column("monitor_key", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("next_deadline", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["contact"], ["person.id"], name=op.f("fk_incident_contact")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_incident")),
    )
    op.create_index(op.f("ix_incident_contact"), "incident", ["contact"], unique=False)
    op.create_index(
        "ix_incident_deadline",
        "incident",
        ["next_deadline"],
        unique=False,
        sqlite_where=sa.text("next_deadline IS NOT NULL"),
        postgresql_where=sa.text("next_deadline IS NOT NULL"),
    )
    op.create_index(
        "ix_incident_monitor",
        "incident",
        ["monitor_key"],
        unique=False,
        sqlite_where=sa.text("monitor_key <> ''"),
        postgresql_where=sa.text("monitor_key <> ''"),
    )
    op.create_index(
        "ix_incident_open_owner",
        "incident",
        ["owner"],
        unique=False,
        sqlite_where=sa.text("status <> 'closed'"),
        postgresql_where=sa.text("status <> 'closed'"),
    )
    op.create_index(op.f("ix_incident_status"), "incident", ["status"], unique=False)
    op.create_table(
        "notice",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("person", KEY, nullable=False),
        sa.Column("incident", KEY, nullable=True),
        sa.Column("leg", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("updates", sa.JSON(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("made", MOMENT, nullable=False),
        sa.Column("not_before", MOMENT, nullable=False),
        sa.Column("expires", MOMENT, nullable=True),
        sa.Column("outbox", KEY, nullable=True),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_notice_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("key", name=op.f("uq_notice_key")),
    )
    op.create_index(
        "ix_notice_waiting",
        "notice",
        ["not_before"],
        unique=False,
        sqlite_where=sa.text("outbox IS NULL"),
        postgresql_where=sa.text("outbox IS NULL"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("incident", KEY, nullable=True),
        sa.Column("person", KEY, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("outside", sa.Boolean(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("attachments", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt", MOMENT, nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("expires", MOMENT, nullable=True),
        sa.Column("made", MOMENT, nullable=False),
        sa.Column("sent", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_outbox_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(
        "ix_outbox_limited",
        "outbox",
        ["made"],
        unique=False,
        sqlite_where=sa.text("automatic AND outside"),
        postgresql_where=sa.text("automatic AND outside"),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'sending', 'deferred')"),
        postgresql_where=sa.text("state IN ('queued', 'sending', 'deferred')"),
    )
    op.create_index("ix_outbox_incident", "outbox", ["incident"], unique=False)
    op.create_index(
        "ix_outbox_automatic",
        "outbox",
        ["person", "made"],
        unique=False,
        sqlite_where=sa.text("automatic"),
        postgresql_where=sa.text("automatic"),
    )
    op.create_table(
        "site_domain",
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["site"], ["site.id"], name=op.f("fk_site_domain_site")),
        sa.PrimaryKeyConstraint("domain", "site", name=op.f("pk_site_domain")),
    )
    op.create_index(op.f("ix_site_domain_site"), "site_domain", ["site"], unique=False)
    op.create_table(
        "confirmation",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("person", KEY, nullable=False),
        sa.Column("held", KEY, nullable=False),
        sa.Column("issued", MOMENT, nullable=False),
        sa.Column("expires", MOMENT, nullable=False),
        sa.Column("answered", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["held"], ["held.id"], name=op.f("fk_confirmation_held")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_confirmation_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation")),
    )
    op.create_index(op.f("ix_confirmation_person"), "confirmation", ["person"], unique=False)
    op.create_table(
        "leg",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("incident", KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("party", KEY, nullable=True),
        sa.Column("foreign_reference", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incident.number"], name=op.f("fk_leg_incident")),
        sa.ForeignKeyConstraint(["party"], ["person.id"], name=op.f("fk_leg_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leg")),
    )
    op.create_index(op.f("ix_leg_incident"), "leg", ["incident"], unique=False)
    op.create_table(
        "term",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("incident", KEY, nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("seconds", KEY, nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("warn_at", sa.JSON(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("started", MOMENT, nullable=False),
        sa.Column("ended", MOMENT, nullable=True),
        sa.Column("due", MOMENT, nullable=True),
        sa.Column("met", MOMENT, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incident.number"], name=op.f("fk_term_incident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term")),
    )
    op.create_index(op.f("ix_term_incident"), "term", ["incident"], unique=False)
    op.create_table(
        "participation",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("incident", KEY, nullable=False),
        sa.Column("leg", KEY, nullable=False),
        sa.Column("person", KEY, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["incident"], ["incident.number"], name=op.f("fk_participation_incident")),
        sa.ForeignKeyConstraint(["leg"], ["leg.id"], name=op.f("fk_participation_leg")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_participation_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participation")),
    )
    op.create_index(op.f("ix_participation_incident"), "participation", ["incident"], unique=False)
    op.create_index(op.f("ix_participation_person"), "participation", ["person"], unique=False)
    op.create_table(
        "update",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("incident", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("leg", sa.Text(), nullable=False),
        sa.Column("leg_id", KEY, nullable=True),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("author", KEY, nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("received", MOMENT, nullable=False),
        sa.Column("occurred", MOMENT, nullable=True),
        sa.Column("change", sa.JSON(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("inbox", KEY, nullable=True),
        sa.Column("duration", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["author"], ["person.id"], name=op.f("fk_update_author")),
        sa.ForeignKeyConstraint(["incident"], ["incident.number"], name=op.f("fk_update_incident")),
        sa.ForeignKeyConstraint(["leg_id"], ["leg.id"], name=op.f("fk_update_leg_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_update")),
        sa.UniqueConstraint("incident", "number", name=op.f("uq_update_incident_number")),
    )
    op.create_table(
        "attachment",
        sa.Column("update", KEY, autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("size", KEY, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("inline", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["update"], ["update.id"], name=op.f("fk_attachment_update")),
        sa.PrimaryKeyConstraint("update", "place", name=op.f("pk_attachment")),
    )
    op.create_table(
        "update_text",
        sa.Column("update", KEY, autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("quoted", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["update"], ["update.id"], name=op.f("fk_update_text_update")),
        sa.PrimaryKeyConstraint("update", name=op.f("pk_update_text")),
    )
