# The tasks of each shell client: PROGRAM BASE SKU TASK. The client defines these and sources this file:
#   ask METHOD PATH [FIELD=VALUE] [HEADER]    prints the head of the answer, an empty line, and the body
#   events PATH COUNT [HEADER]                prints lines of server-sent events, at least COUNT events
# A client that cannot do a task prints why and exits with 4.
set -euo pipefail
base=$1 sku=$2 task=$3

fail() { echo "$*" >&2; exit 1; }
cannot() { echo "$*"; exit 4; }
expect() { grep -q "$1" <<<"$answer" || fail "no $1 in: $answer"; }
value_of() { sed -n "s/.*\"$1\":\"\\([^\"]*\\)\".*/\\1/p" <<<"$answer" | head -n 1; }
place() { answer=$(ask POST /order/ "product=$sku" "${1-}"); expect '^HTTP/1.1 201'; expect '"status":"in_progress"'; order=$(value_of order); }
abort() { answer=$(ask PUT "/order/$order/abort/"); }

case $task in
  place) place ;;
  abort) place; abort; expect '^HTTP/1.1 200'; expect '"status":"aborted"' ;;
  repeat)
    place "Idempotency-Key: key of $sku"; first=$order
    place "Idempotency-Key: key of $sku"; expect '^Idempotency-Replayed: true'
    [ "$order" = "$first" ] || fail "$order and not $first" ;;
  refused) place; abort; abort; expect '^HTTP/1.1 409'; expect '"type":"order_already_aborted"' ;;
  list)
    made=() found=() cursor=
    for _ in 1 2 3 4 5; do place; made+=("$order"); done
    while :; do
      answer=$(ask GET "/order/?product=$sku&limit=2${cursor:+&cursor=$cursor}"); expect '^HTTP/1.1 200'
      mapfile -t page < <(grep -o '"id":"[^"]*"' <<<"$answer" | cut -d '"' -f 4)
      found+=("${page[@]}"); cursor=$(value_of next)
      [ -n "$cursor" ] || break
    done
    for order in "${made[@]}"; do printf '%s\n' "${found[@]}" | grep -qxF "$order" || fail "$order is not in the list"; done ;;
  follow)
    for _ in 1 2 3; do place; done
    answer=$(ask GET "/events/?stream=product/$sku")
    mapfile -t positions < <(grep -o '^{"position":[0-9]*' <<<"$answer" | cut -d : -f 2)
    seen() { grep -o '^data: {"position":[0-9]*' | cut -d : -f 3; }
    first=$(events "/events/?stream=product/$sku" 2)
    [ "$(seen <<<"$first" | head -n 2 | xargs)" = "${positions[*]:0:2}" ] || fail "not ${positions[*]:0:2} but $first"
    last=$(awk '/^id: / { id = $2 } /^data: / && ++events == 2 { print id }' <<<"$first")  # heartbeats have ids, too
    resumed=$(events "/events/?stream=product/$sku" 1 "Last-Event-ID: $last")
    [ "$(seen <<<"$resumed" | head -n 1)" = "${positions[2]}" ] || fail "not ${positions[2]} but $resumed" ;;
  idle) idle ;;
esac
