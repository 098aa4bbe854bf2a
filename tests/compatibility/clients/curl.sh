#!/usr/bin/env bash
# curl: a process for each request. Two requests of one process have a pause between them, for the idle connection.
ask() {
  local body=()
  [ -z "${3-}" ] || body=(--data "$3")
  curl --silent --show-error --include --request "$1" ${4:+--header "$4"} "${body[@]}" "$base$2" | tr -d '\r'
}
events() {
  curl --silent --no-buffer --max-time 5 --header 'Accept: text/event-stream' ${3:+--header "$3"} "$base$1" || true
}
idle() {
  answer=$(curl --silent --show-error --write-out '%{http_code} %{num_connects}\n' --output /dev/null --rate 5/m \
    --data "product=$sku" "$base/order/" --output /dev/null "$base/order/")
  [ "$(cut -d ' ' -f 1 <<<"$answer" | xargs)" = "201 201" ] || fail "$answer"
}
. "$(dirname "$0")/tasks.sh"
