#!/usr/bin/env bash
# Go 1.19.8 net/http (Debian 12): the client repeats a POST by itself if it has an Idempotency-Key.
#
# The server answers one request on a connection. When the second request arrives, it closes the connection without an
# answer. Without a key the client reports an error. With the header Idempotency-Key, whatever its value, the client
# sends the POST a second time on a new connection and reports success. (X-Idempotency-Key does the same.)
# What it means for users: the header is a promise. A server that accepts it must give the second request the answer of
# the first.
source "$(dirname "$0")/common.sh"
debs golang-1.19-go=1.19.8-2 golang-1.19-src=1.19.8-2
export GOROOT=$work/root/usr/lib/go-1.19 GOCACHE=$work/cache GOPATH=$work/path GOFLAGS=-mod=mod GO111MODULE=off CGO_ENABLED=0
rm -rf "$GOROOT/src" "$GOROOT/test" "$GOROOT/api"
cp -r "$work/root/usr/share/go-1.19/." "$GOROOT/" 2>/dev/null || true

cat >"$work/main.go" <<'GO'
package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
)

func try(header string) string {
	listener, _ := net.Listen("tcp", "127.0.0.1:0")
	var posts int32
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer connection.Close()
				reader := bufio.NewReader(connection)
				for n := 1; ; n++ {
					request, err := http.ReadRequest(reader)
					if err != nil {
						return
					}
					io.Copy(io.Discard, request.Body)
					if request.Method == "POST" && atomic.AddInt32(&posts, 1) == 1 && n > 1 {
						return
					}
					fmt.Fprint(connection, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
				}
			}()
		}
	}()
	address := "http://" + listener.Addr().String()
	first, err := http.Get(address)
	if err != nil {
		return err.Error()
	}
	io.Copy(io.Discard, first.Body)
	first.Body.Close()
	request, _ := http.NewRequest("POST", address, strings.NewReader("product=anvil"))
	if header != "" {
		request.Header.Set(header, "7c9e6679-7425-40de-944b-e07fc1f90ae7")
	}
	_, err = http.DefaultClient.Do(request)
	listener.Close()
	return fmt.Sprintf("sent %d times, error %v", atomic.LoadInt32(&posts), err != nil)
}

func main() {
	fmt.Println(try(""))
	fmt.Println(try("Idempotency-Key"))
	fmt.Println(try("X-Idempotency-Key"))
}
GO
(cd "$work" && "$GOROOT/bin/go" run main.go) >"$work/seen"
same "without a key" "sent 1 times, error true" "$(sed -n 1p "$work/seen")"
same "with Idempotency-Key" "sent 2 times, error false" "$(sed -n 2p "$work/seen")"
same "with X-Idempotency-Key" "sent 2 times, error false" "$(sed -n 3p "$work/seen")"
finish
