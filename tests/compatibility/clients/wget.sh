#!/usr/bin/env bash
# wget: a process for each request, which shows the body of a refusal only if it is told to.
ask() {
  local body=()
  [ -z "${3-}" ] || body=(--body-data="$3" --header='Content-Type: application/x-www-form-urlencoded')
  wget --quiet --content-on-error --save-headers --output-document=- --tries=1 --method="$1" ${4:+--header="$4"} "${body[@]}" \
    "$base$2" | tr -d '\r' || true
}
events() {
  timeout 5 wget --quiet --output-document=- --header='Accept: text/event-stream' ${3:+--header="$3"} "$base$1" || true
}
idle() { cannot "one connection for each request"; }
. "$(dirname "$0")/tasks.sh"
