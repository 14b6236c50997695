"""A second person approves with a passkey: the browser signs the proposal's hash."""

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User

from despensa.domain.proposal import ApprovalKind
from despensa.entrypoints.jobs.staging import stage
from despensa.entrypoints.second_factor import add_totp
from despensa.records.proposals import queries
from tests.journeys.test_office import sign_in

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}
MAKE_PASSKEY = """async () => {
  const made = await navigator.credentials.create({publicKey: {
    challenge: new Uint8Array(16), rp: {id: "localhost", name: "Despensa"},
    user: {id: new Uint8Array(8), name: "nour", displayName: "Nour"},
    authenticatorSelection: {userVerification: "required", residentKey: "required"},
    pubKeyCredParams: [{type: "public-key", alg: -7}]}});
  return made.toJSON();
}"""


def test_a_passkey_approves_exactly_the_hash_it_signed(page, registered_books, office_address):
    books = registered_books
    register = books.register(skip=20, count=2)
    waiting = stage(register, "late.csv", books.tools, acting=books.acting("ana"))
    other = stage(
        books.register(skip=30, count=2), "later.csv", books.tools, acting=books.acting("ana")
    )
    address = office_address(books)
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    sign_in(page, address, "nour", add_totp("nour"))
    Authenticator.objects.create(
        user=User.objects.using("registry").get(username="nour"),
        type=Authenticator.Type.WEBAUTHN,
        data={"name": "laptop", "credential": page.evaluate(MAKE_PASSKEY)},
    )
    page.goto(f"{address}/proposals/{other}/")
    page.locator("form[data-passkey]").evaluate(
        "(form, digest) => { form.dataset.challenge = digest; }", "AAAA"
    )
    page.get_by_role("button", name="Approve with my passkey").click()
    refused = page.locator(".trouble").inner_text()
    page.goto(f"{address}/proposals/{waiting}/")
    page.get_by_role("button", name="Approve with my passkey").click()
    page.locator(".head .pill--done").wait_for(timeout=30_000)
    view = queries.proposal(waiting)

    assert "passkey" in refused
    assert queries.proposal(other).approver is None
    assert view.approval_kind == ApprovalKind.PASSKEY
    assert view.approver == books.staff["nour"]
