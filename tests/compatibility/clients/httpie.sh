#!/usr/bin/env bash
# HTTPie: a process for each request; the fields are JSON.
ask() { http --ignore-stdin --pretty=none --print=hb "$1" "$base$2" ${3:+"$3"} ${4:+"${4/: /:}"} | tr -d '\r'; }
events() {
  timeout 5 http --ignore-stdin --pretty=none --print=b --stream GET "$base$1" Accept:text/event-stream ${3:+"${3/: /:}"} || true
}
idle() { cannot "one connection for each request"; }
. "$(dirname "$0")/tasks.sh"
