"""Invented submissions of the registration form, as KoboToolbox, ODK Central and OpenRosa give them."""

import csv
import io
import json
import zipfile
from xml.sax.saxutils import escape

FIRST = "11111111-1111-4111-8111-111111111111"
SECOND = "22222222-2222-4222-8222-222222222222"
THIRD = "33333333-3333-4333-8333-333333333333"


def a_member(name, **answers):
    return {"full_name": name, "sex": "female", "role": "member"} | answers


HOUSEHOLDS = {
    FIRST: {
        "consent": "yes",
        "household": {
            "area_name": "Villa Inventada",
            "area_pcode": "ES0101",
            "address": "Calle Mayor, 3",
            "displaced": "yes",
            "language": "es",
            "channel": "sms",
            "income_monthly_minor": "45000",
        },
        "members": [
            a_member("Ana Pérez Gómez", role="head", phone="+34600112233", birth_date="1980-02"),
            a_member(
                "Luis Pérez",
                sex="male",
                document_type="passport",
                document_country="ES",
                document_number="AB123456",
                disability_functional="yes",
            ),
        ],
    },
    SECOND: {
        "consent": "yes",
        "household": {"area_name": "قرية", "language": "ar"},
        "members": [a_member("ليلى حسن", role="head", access_need="short_wait")],
    },
}


def kobo_json(households=HOUSEHOLDS, **extra):
    """The answer of the API with groups in the names of questions and repeats as lists."""
    results = [
        {
            "_id": number,
            "_uuid": key,
            "__version__": "vXyz",
            "_submission_time": "2026-11-20T10:00:00",
            "meta/instanceID": f"uuid:{key}",
            "consent": answers["consent"],
            **{f"household/{name}": said for name, said in answers["household"].items()},
            "members": [
                {f"members/{name}": said for name, said in member.items()}
                for member in answers["members"]
            ],
            "_attachments": [],
            "_geolocation": [None, None],
            "_validation_status": {},
        }
        | extra
        for number, (key, answers) in enumerate(households.items(), start=1)
    ]
    page = {"count": len(results), "next": None, "previous": None, "results": results}
    return json.dumps(page, ensure_ascii=False).encode()


def odk_zip(households=HOUSEHOLDS, without=(), **extra):
    """The ZIP of ODK Central: submissions.csv, its repeat group, and an attached picture."""
    main, people = [], []
    for key, answers in households.items():
        people += [
            member | {"PARENT_KEY": f"uuid:{key}", "KEY": f"uuid:{key}/members[{at}]"}
            for at, member in enumerate(answers["members"], start=1)
        ]
        if key in without:
            continue
        main.append(
            {
                "SubmissionDate": "2026-11-20T10:00:00.000Z",
                "consent": answers["consent"],
                **{f"household-{name}": said for name, said in answers["household"].items()},
                "meta-instanceID": f"uuid:{key}",
                **extra,
                "KEY": f"uuid:{key}",
                "SubmitterName": "Enumerator 7",
                "ReviewState": "",
            }
        )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("despensa_register.csv", _csv(main))
        package.writestr("despensa_register-members.csv", _csv(people))
        package.writestr("media/1700000000000.jpg", b"\xff\xd8 not a picture")
    return packed.getvalue()


def openrosa_xml(households=HOUSEHOLDS, *, alone=False, extra=""):
    """One submission, or several below one root, as a server's backup keeps them."""
    documents = [
        '<data xmlns:orx="http://openrosa.org/xforms" id="despensa_register" version="core-1">'
        f"<consent>{answers['consent']}</consent>"
        f"<household>{_xml(answers['household'])}</household>"
        + "".join(f"<members>{_xml(member)}</members>" for member in answers["members"])
        + f"{extra}<orx:meta><orx:instanceID>uuid:{key}</orx:instanceID></orx:meta></data>"
        for key, answers in households.items()
    ]
    body = documents[0] if alone else f"<submissions>{''.join(documents)}</submissions>"
    return f'<?xml version="1.0" encoding="UTF-8"?>{body}'.encode()


SHAPES = {"kobo-json": kobo_json, "odk-central-csv": odk_zip, "openrosa-xml": openrosa_xml}


def with_household(key, **answers):
    """The households with one more, for a test that spoils it."""
    third = {"consent": "yes", "household": {}, "members": [a_member("Eva", role="head")]}
    return HOUSEHOLDS | {key: third | answers}


def _csv(rows):
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(dict.fromkeys(k for row in rows for k in row)), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def _xml(answers):
    return "".join(f"<{name}>{escape(str(said))}</{name}>" for name, said in answers.items())
