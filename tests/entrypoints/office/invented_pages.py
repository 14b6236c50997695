"""Every page of the office with invented contents, so that each can be looked at and tested.

The words that a view would take from records stand here in English; the words of the house come
from `states.py` and `words.py` and change with the language.
"""

from despensa.entrypoints.office import book_pages, pages, parts, work_pages
from despensa.entrypoints.office.states import (
    CHECK_STATES,
)
from despensa.entrypoints.office.words import (
    PURPOSES,
    ROLES,
)
from tests.entrypoints.office import (
    invented_appeals,
    invented_books,
    invented_catalogue,
    invented_changes,
    invented_corrections,
    invented_desk,
    invented_duplicates,
    invented_imports,
    invented_people,
    invented_phones,
    invented_releases,
    invented_rules,
    invented_wallet,
    invented_work,
)
from tests.entrypoints.office.invented_parts import HASH, TODAY, choices


def shell(room: str) -> parts.Shell:
    return parts.Shell(
        room=room,
        workspace_name="San Rafael",
        cycle_chip="November",
        person_name="Amina Morales",
        person_initials="AM",
        role_word=ROLES["registrar"],
        badges={"proposals": 2, "imports": 1},
        is_demo=room == "today",
        is_single_operator=room == "proposals",
    )


# name: (template, room, page)
PAGES = {
    "rules": ("office/rules.html", "rules", invented_rules.rules),
    "rules_empty": ("office/rules.html", "rules", invented_rules.no_rules),
    "rule_write": ("office/rule_write.html", "rules", invented_rules.write),
    "rule_write_text": (
        "office/rule_write.html",
        "rules",
        lambda: invented_rules.write(name="food-parcel"),
    ),
    "rule_write_error": (
        "office/rule_write.html",
        "rules",
        lambda: invented_rules.write(is_faulty=True),
    ),
    "rule_review": ("office/rule_review.html", "rules", invented_rules.review),
    "rule_review_first": (
        "office/rule_review.html",
        "rules",
        lambda: invented_rules.review(is_first=True),
    ),
    "rule_proposal": ("office/proposal.html", "proposals", invented_rules.proposal),
    "rule_compare": ("office/rule_compare.html", "rules", invented_rules.compare),
    "rule_compare_same": ("office/rule_compare.html", "rules", invented_rules.compare_same),
    "catalogue": ("office/catalogue.html", "log", invented_catalogue.catalogue),
    "catalogue_new": ("office/catalogue_new.html", "log", invented_catalogue.new_version),
    "duplicates": ("office/duplicates.html", "duplicates", invented_duplicates.duplicates),
    "duplicates_missing": (
        "office/duplicates.html",
        "duplicates",
        invented_duplicates.duplicates_missing,
    ),
    "duplicate_pair": ("office/duplicate_pair.html", "duplicates", invented_duplicates.pair),
    "duplicate_one": (
        "office/duplicate_pair.html",
        "duplicates",
        lambda: invented_duplicates.pair(is_one=True),
    ),
    "duplicate_pair_two": (
        "office/duplicate_pair.html",
        "duplicates",
        lambda: invented_duplicates.pair(is_two=True),
    ),
    "desk": ("office/desk.html", "desk", invented_desk.desk),
    "desk_error": ("office/desk.html", "desk", invented_desk.desk_with_error),
    "desk_enrol": ("office/desk_enrol.html", "desk", invented_desk.enrol),
    "desk_enrol_error": ("office/desk_enrol.html", "desk", invented_desk.enrol_with_errors),
    "desk_check": ("office/desk_check.html", "desk", invented_desk.check),
    "desk_enrolled": ("office/desk_enrolled.html", "desk", invented_desk.enrolled),
    "desk_enrolled_card": (
        "office/desk_enrolled.html",
        "desk",
        invented_desk.enrolled_with_card,
    ),
    "desk_enrolled_known": ("office/desk_enrolled.html", "desk", invented_desk.enrolled_known),
    "card_order": ("office/desk_form.html", "cards", invented_books.card_order),
    "card_list": ("office/desk_form.html", "cards", invented_books.card_list),
    "card_slips": ("office/desk_form.html", "households", invented_books.card_slips),
    "desk_refuse": ("office/desk_form.html", "desk", invented_desk.refuse),
    "desk_paper_refused": ("office/desk_paper.html", "desk", invented_desk.paper_refused),
    "desk_paper_large": ("office/desk_paper.html", "desk", invented_desk.paper_large),
    "desk_paper_appointed": ("office/desk_paper.html", "desk", invented_desk.paper_appointed),
    "today": ("office/today.html", "today", invented_people.today),
    "today_empty": (
        "office/today.html",
        "today",
        lambda: pages.TodayPage(TODAY, None, (), (), ()),
    ),
    "households": ("office/households.html", "households", invented_people.households),
    "households_error": (
        "office/households.html",
        "households",
        invented_people.households_with_error,
    ),
    "households_none": (
        "office/households.html",
        "households",
        lambda: pages.HouseholdsPage("Zzz Yyy", "counter", choices(PURPOSES), is_searched=True),
    ),
    "household": ("office/household.html", "households", invented_people.household),
    "household_history": (
        "office/household_history.html",
        "households",
        invented_changes.history,
    ),
    "household_change": ("office/household_change.html", "households", invented_changes.change),
    "household_change_preview": (
        "office/household_change.html",
        "households",
        invented_changes.change_preview,
    ),
    "cycle_differences": (
        "office/cycle_differences.html",
        "cycles",
        invented_work.differences,
    ),
    "cycle_differences_ask": (
        "office/cycle_differences.html",
        "cycles",
        lambda: invented_work.differences(is_compared=False),
    ),
    "releases": ("office/releases.html", "releases", invented_releases.releases),
    "releases_empty": ("office/releases.html", "releases", invented_releases.nothing),
    "package_new": ("office/desk_form.html", "releases", invented_releases.package_new),
    "report_new": ("office/desk_form.html", "releases", invented_releases.report_new),
    "partners": ("office/partners.html", "partners", invented_changes.partners),
    "partner_new": ("office/partner_new.html", "partners", invented_changes.partner_new),
    "phones": ("office/phones.html", "phones", invented_phones.phones),
    "phones_none": ("office/phones.html", "phones", invented_phones.none),
    "phone": ("office/phone.html", "phones", invented_phones.phone),
    "phone_new": ("office/phone.html", "phones", invented_phones.new),
    "phone_offer": ("office/phone_offer.html", "phones", invented_phones.offer),
    "phone_taken": ("office/phone_offer.html", "phones", invented_phones.taken),
    "wallet": ("office/wallet.html", "households", invented_wallet.cards),
    "wallet_offer": ("office/wallet_offer.html", "households", invented_wallet.offer),
    "wallet_taken": ("office/wallet_offer.html", "households", invented_wallet.taken),
    "wallet_over": ("office/wallet_offer.html", "households", invented_wallet.over),
    "consents": ("office/consents.html", "households", invented_changes.consents),
    "consent_receipt": (
        "office/receipt.html",
        "households",
        invented_changes.consent_receipt,
    ),
    "household_timeline": (
        "office/household_timeline.html",
        "households",
        invented_corrections.timeline,
    ),
    "appeals": ("office/appeals.html", "appeals", invented_appeals.appeals),
    "appeals_none": ("office/appeals.html", "appeals", invented_appeals.no_appeals),
    "appeal_new": ("office/appeal_new.html", "households", invented_appeals.form),
    "appeal": ("office/appeal.html", "appeals", invented_appeals.appeal),
    "appeal_own": ("office/appeal.html", "appeals", invented_appeals.not_for_the_reader),
    "appeal_upheld": ("office/appeal.html", "appeals", invented_appeals.upheld),
    "appeal_refused": ("office/appeal.html", "appeals", invented_appeals.refused),
    "correction_new": ("office/correction_new.html", "households", invented_corrections.form),
    "correction": ("office/correction.html", "proposals", invented_corrections.correction),
    "correction_closed": (
        "office/correction.html",
        "proposals",
        lambda: invented_corrections.correction(is_open=False),
    ),
    "corrections": ("office/corrections.html", "proposals", invented_corrections.corrections),
    "correction_receipt": (
        "office/receipt.html",
        "proposals",
        invented_corrections.receipt,
    ),
    "erasure_receipt": (
        "office/receipt.html",
        "proposals",
        invented_changes.erasure_receipt,
    ),
    "cycles": ("office/cycles.html", "cycles", invented_work.cycles),
    "cycles_none": ("office/cycles.html", "cycles", lambda: work_pages.CyclesPage(())),
    "cycle": ("office/cycle.html", "cycles", invented_work.cycle),
    "cycle_family": ("office/cycle.html", "cycles", invented_work.cycle_family),
    "cycle_child": ("office/cycle.html", "cycles", invented_work.cycle_child),
    "cycle_settled": ("office/cycle.html", "cycles", invented_work.cycle_settled),
    "cycle_open": ("office/cycle.html", "cycles", invented_work.cycle_open),
    "imports": ("office/imports.html", "imports", invented_work.imports),
    "imports_none": ("office/imports.html", "imports", lambda: work_pages.ImportsPage(())),
    "import_new": ("office/import_new.html", "imports", invented_work.import_new),
    "import_new_error": ("office/import_new.html", "imports", invented_work.import_new_with_error),
    "import_columns": ("office/import_columns.html", "imports", invented_work.import_columns),
    "import_detail": ("office/import_detail.html", "imports", invented_work.import_detail),
    "import_writing": ("office/import_detail.html", "imports", invented_work.import_writing),
    "import_done": ("office/import_detail.html", "imports", invented_imports.import_done),
    "import_pair": ("office/import_pair.html", "imports", invented_imports.import_pair),
    "import_pair_new": ("office/import_pair.html", "imports", invented_imports.import_pair_new),
    "import_undo": ("office/import_undo.html", "imports", invented_imports.import_undo),
    "import_undo_refused": (
        "office/import_undo.html",
        "imports",
        invented_imports.import_undo_refused,
    ),
    "proposals": ("office/proposals.html", "proposals", invented_work.proposals),
    "proposals_none": (
        "office/proposals.html",
        "proposals",
        lambda: work_pages.ProposalsPage((), ()),
    ),
    "proposal": ("office/proposal.html", "proposals", invented_work.proposal),
    "proposal_error": ("office/proposal.html", "proposals", invented_work.proposal_with_error),
    "proposal_own": ("office/proposal.html", "proposals", invented_work.proposal_own),
    "cards": ("office/cards.html", "cards", invented_books.cards),
    "cards_none": ("office/cards.html", "cards", lambda: book_pages.CardsPage((), ())),
    "ledger": ("office/ledger.html", "ledger", invented_books.ledger),
    "ledger_none": (
        "office/ledger.html",
        "ledger",
        lambda: book_pages.LedgerPage((), None, CHECK_STATES["not_checked"]),
    ),
    "log": ("office/log.html", "log", invented_books.log),
    "log_none": (
        "office/log.html",
        "log",
        lambda: book_pages.LogPage(
            "x.example", 0, 0, HASH, None, "key", CHECK_STATES["not_checked"], None, (), ()
        ),
    ),
}
