"""A page that would fetch anything is refused."""

import pytest

from lifecircle.geo.errors import LifecircleError
from lifecircle.maps.page import inline, refuse_addresses, seal


@pytest.mark.parametrize(
    "html",
    [
        '<script src="https://cdn.example/x.js"></script>',
        "<img src=//cdn.example/x.png>",
        '<link rel="stylesheet" href="x.css">',
        "<a HREF = 'http://example.org'>x</a>",
        "<style>@import 'x.css';</style>",
        "<style>a { background: url(x.png) }</style>",
    ],
)
def test_addresses_are_refused(html):
    with pytest.raises(LifecircleError, match="would fetch"):
        refuse_addresses(html)


def test_data_anchors_and_script_text_are_no_addresses():
    refuse_addresses('<a href="#top">x</a><img src="data:image/png;base64,AA"><script>const src="http://x"</script>')


def test_links_become_their_files():
    html = inline('<link rel="stylesheet" href="vendor/leaflet.css"/><script src="vendor/leaflet.js"></script>')
    refuse_addresses(html)
    assert "Leaflet 1.9.4" in html
    assert "sourceMappingURL" not in html


def test_a_link_to_no_file_is_refused():
    with pytest.raises(LifecircleError, match=r"nothing\.js"):
        inline('<script src="nothing.js"></script>')


def test_policy_lists_the_hash_of_each_script():
    html = seal("<html><head></head><script>a()</script></html>")
    assert "'sha256-qVpDBgj7bpq5hMAcGp3AOc79J3Y1Z4HvySTwKrWDoy4='" in html  # of `a()`, worked out with openssl
    assert "default-src 'none'" in html
    assert "unsafe-inline" not in html.split("script-src")[1].split(";")[0]
