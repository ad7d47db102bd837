"""Ten million characters in one field, sent over a real connection: told in words, and nothing kept."""

import urllib.error
import urllib.request

import pytest

from tests.journeys.served import Served


@pytest.mark.parametrize("address", ["/sign-in", "/api/v1/concerns"])
def test_a_text_of_ten_megabytes_is_refused_with_a_sentence(fresh: Served, address: str) -> None:
    before = fresh.command("dump", "--canonical")
    body = b"email=" + b"a" * 10_000_000
    request = urllib.request.Request(fresh.url + address, data=body, method="POST")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code == 413
    assert b"more than we take" in refused.value.read()
    assert fresh.command("dump", "--canonical") == before
