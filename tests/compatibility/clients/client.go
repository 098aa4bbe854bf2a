// Go's net/http: one client, which keeps its connection.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"strings"
	"time"
)

var base, sku = os.Args[1], os.Args[2]

type fields = map[string]any

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func check(found, wanted any) {
	if !reflect.DeepEqual(found, wanted) {
		panic(fmt.Sprintf("%v and not %v", found, wanted))
	}
}

func open(method, path string, body fields, headers map[string]string) *http.Response {
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		must(err)
		sent = bytes.NewReader(text)
	}
	request, err := http.NewRequest(method, base+path, sent)
	must(err)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(request)
	must(err)
	return answer
}

func text(answer *http.Response) string {
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	must(err)
	return string(read)
}

func ask(method, path string, body fields, headers map[string]string) (*http.Response, fields) {
	answer := open(method, path, body, headers)
	var found fields
	must(json.Unmarshal([]byte(text(answer)), &found))
	return answer, found
}

func placed(headers map[string]string) (string, *http.Response) {
	answer, order := ask("POST", "/order/", fields{"product": sku, "quantity": 2}, headers)
	check([]any{answer.StatusCode, order["status"]}, []any{201, "in_progress"})
	return order["id"].(string), answer
}

func positionOf(line string) float64 {
	var event fields
	must(json.Unmarshal([]byte(line), &event))
	return event["position"].(float64)
}

type event struct {
	id       string
	position float64
}

// So many server-sent events, from a connection that is then closed.
func events(path string, headers map[string]string, count int) []event {
	headers["Accept"] = "text/event-stream"
	answer := open("GET", path, nil, headers)
	defer answer.Body.Close()
	var found []event
	id := ""
	for lines := bufio.NewScanner(answer.Body); len(found) < count && lines.Scan(); {
		if value := strings.TrimPrefix(lines.Text(), "id: "); value != lines.Text() {
			id = value
		} else if value := strings.TrimPrefix(lines.Text(), "data: "); value != lines.Text() {
			found = append(found, event{id, positionOf(value)})
		}
	}
	return found
}

func list() {
	made, found := map[string]bool{}, map[string]bool{}
	for i := 0; i < 5; i++ {
		id, _ := placed(nil)
		made[id] = true
	}
	for cursor := ""; ; {
		query := url.Values{"product": {sku}, "limit": {"2"}}
		if cursor != "" {
			query.Set("cursor", cursor)
		}
		_, page := ask("GET", "/order/?"+query.Encode(), nil, nil)
		for _, order := range page["orders"].([]any) {
			id := order.(fields)["id"].(string)
			check(found[id], false)
			found[id] = true
		}
		next, isThere := page["next"].(string)
		if !isThere {
			break
		}
		cursor = next
	}
	for id := range made {
		check(found[id], true)
	}
}

func follow() {
	for i := 0; i < 3; i++ {
		placed(nil)
	}
	path := "/events/?stream=product/" + sku
	var positions []float64
	for _, line := range strings.Split(strings.TrimSpace(text(open("GET", path, nil, nil))), "\n") {
		positions = append(positions, positionOf(line))
	}
	first := events(path, map[string]string{}, 2)
	check([]float64{first[0].position, first[1].position}, positions[:2])
	resumed := events(path, map[string]string{"Last-Event-ID": first[1].id}, 1)
	check(resumed[0].position, positions[2])
}

func main() {
	switch os.Args[3] {
	case "place":
		placed(nil)
	case "abort":
		id, _ := placed(nil)
		answer, order := ask("PUT", "/order/"+id+"/abort/", nil, nil)
		check([]any{answer.StatusCode, order["status"]}, []any{200, "aborted"})
	case "repeat":
		key := map[string]string{"Idempotency-Key": "key of " + sku}
		first, _ := placed(key)
		again, answer := placed(key)
		check([]any{again, answer.Header.Get("Idempotency-Replayed")}, []any{first, "true"})
	case "refused":
		id, _ := placed(nil)
		ask("PUT", "/order/"+id+"/abort/", nil, nil)
		answer, problem := ask("PUT", "/order/"+id+"/abort/", nil, nil)
		check([]any{answer.StatusCode, problem["type"]}, []any{409, "order_already_aborted"})
	case "list":
		list()
	case "follow":
		follow()
	case "idle":
		placed(nil)
		time.Sleep(12 * time.Second)
		placed(nil)
	}
}
