"""What everybody can read from the first day: the catalogue of facts, whole."""

import hashlib

import yaml

from despensa.domain.catalogue import catalogue_text, parse_catalogue
from despensa.domain.encoding import dcbor
from despensa.domain.transparency.leaf import PublicKind
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY


def test_the_catalogue_is_a_public_leaf_with_its_text(founded_books):
    bodies = [
        leaf[4]
        for (data,) in fetch(REGISTRY, "SELECT leaf FROM leaf_queue")
        if bytes(data)[0] == 1
        for leaf in [dcbor.decode(bytes(data)[1:])]
        if leaf[2] == PublicKind.CATALOGUE
    ]

    text = catalogue_text()
    assert [dcbor.decode(body) for body in bodies] == [
        {0: "core", 1: 1, 2: hashlib.sha256(text.encode()).digest(), 3: text}
    ]
    assert len(parse_catalogue(yaml.safe_load(text)).facts) > 5
