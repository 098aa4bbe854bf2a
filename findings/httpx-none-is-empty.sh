#!/usr/bin/env bash
# httpx 0.23.3 and requests 2.28.1 (Debian 12): httpx sends a query parameter that is None; requests leaves it
# out.
#
# params={"cursor": None, "limit": 2}: requests sends "?limit=2", httpx sends "?cursor=&limit=2". Programs often
# replace requests by httpx and change only the import.
# What it means for users: a server that pages by cursor should treat an empty cursor as no cursor.
source "$(dirname "$0")/common.sh"
debs python3-httpx=0.23.3-1 python3-httpcore=0.16.3-1 python3-h11=0.14.0-1.1~deb12u1 python3-sniffio=1.2.0-1 \
  python3-anyio=3.6.2-1 python3-rfc3986=1.5.0-2 python3-certifi=2022.9.24-1 python3-idna=3.3-1+deb12u1 \
  python3-requests=2.28.1+dfsg-1 python3-urllib3=1.26.12-1+deb12u4 python3-chardet=5.1.0+dfsg-2 \
  python3-charset-normalizer=3.0.1-2
needs /usr/bin/python3

cat >"$work/ask.py" <<'PY'
import httpx, requests
parameters = {"cursor": None, "limit": 2}
print(requests.Request("GET", "http://shop.test/order/", params=parameters).prepare().url)
print(httpx.Request("GET", "http://shop.test/order/", params=parameters).url)
PY
PYTHONPATH=$work/root/usr/lib/python3/dist-packages /usr/bin/python3 "$work/ask.py" >"$work/seen"
same "requests" "http://shop.test/order/?limit=2" "$(sed -n 1p "$work/seen")"
same "httpx" "http://shop.test/order/?cursor=&limit=2" "$(sed -n 2p "$work/seen")"
finish
