"""Keys and elements that equal others of another class, in a dict and a list of the server."""
import datetime
import http
import signal
import sys
import urllib.parse

from multiprocessing.managers import DictProxy, ListProxy

from base import Manager, answer, connect

Manager.register('d', proxytype=DictProxy)
Manager.register('l', proxytype=ListProxy)
m = connect()
d, l = m.d(), m.l()
url = urllib.parse.urlsplit('http://a/')
pairs = [(tuple(url), url)]
if sys.version_info[:2] != (3, 11):  # which pickles members by their names alone
    pairs += [(2, signal.SIGINT), (200, http.HTTPStatus.OK)]
if sys.version_info >= (3, 12):
    pairs += [('GET', http.HTTPMethod.GET)]
if sys.version_info >= (3, 9):
    import zoneinfo
    try:
        berlin = zoneinfo.ZoneInfo('Europe/Berlin')
    except zoneinfo.ZoneInfoNotFoundError:
        pass
    else:
        pairs += [(datetime.datetime(2020, 7, 2, 10, tzinfo=datetime.timezone.utc),
                   datetime.datetime(2020, 7, 2, 12, tzinfo=berlin))]
wrong = []
for one, other in pairs:
    d.clear()
    d[other] = 1
    d[one] = 2
    l[:] = [other]
    got = [len(d), d.get(other), d.pop(other), l.count(one), one in l, l.index(one)]
    if got != [1, 2, 2, 1, True, 0]:
        wrong.append([repr(other), got])
answer(wrong)
