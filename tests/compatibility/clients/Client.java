// Java's HttpClient, which offers HTTP/2 in the clear first, and keeps its connection.
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

public class Client {
  static final HttpClient CLIENT = HttpClient.newHttpClient();
  static String base;
  static String sku;

  static void check(Object found, Object wanted) {
    if (!found.equals(wanted)) throw new IllegalStateException(found + " and not " + wanted);
  }

  static HttpRequest request(String method, String path, String body, Map<String, String> headers) {
    var builder = HttpRequest.newBuilder(URI.create(base + path));
    headers.forEach(builder::header);
    if (body == null) return builder.method(method, HttpRequest.BodyPublishers.noBody()).build();
    return builder.header("Content-Type", "application/json")
        .method(method, HttpRequest.BodyPublishers.ofString(body)).build();
  }

  static HttpResponse<String> ask(String method, String path, String body, Map<String, String> headers)
      throws Exception {
    return CLIENT.send(request(method, path, body, headers), BodyHandlers.ofString());
  }

  static HttpResponse<String> ask(String method, String path) throws Exception {
    return ask(method, path, null, Map.of());
  }

  // Java has no reader of JSON: the fields that are needed are strings and numbers of their own names.
  static List<String> fields(String name, String json) {
    Matcher found = Pattern.compile("\"" + name + "\":\"?([^\",}]*)").matcher(json);
    List<String> values = new ArrayList<>();
    while (found.find()) values.add(found.group(1));
    return values;
  }

  static HttpResponse<String> place(Map<String, String> headers) throws Exception {
    var answer = ask("POST", "/order/", "{\"product\":\"" + sku + "\",\"quantity\":2}", headers);
    check(List.of(answer.statusCode(), fields("status", answer.body()).get(0)), List.of(201, "in_progress"));
    return answer;
  }

  static String placed() throws Exception { return fields("id", place(Map.of()).body()).get(0); }

  record Event(String id, String position) {}

  /** So many server-sent events, from a stream that is then closed. */
  static List<Event> events(String path, Map<String, String> headers, int count) throws Exception {
    List<Event> found = new ArrayList<>();
    try (var lines = CLIENT.send(request("GET", path, null, headers), BodyHandlers.ofLines()).body()) {
      String id = "";
      for (var at = lines.iterator(); found.size() < count;) {
        String line = at.next();
        if (line.startsWith("id: ")) id = line.substring(4);
        if (line.startsWith("data: ")) found.add(new Event(id, fields("position", line).get(0)));
      }
    }
    return found;
  }

  static void list() throws Exception {
    List<String> made = new ArrayList<>();
    for (int i = 0; i < 5; ++i) made.add(placed());
    List<String> found = new ArrayList<>();
    for (String cursor = ""; !cursor.equals("null");) {
      String page = ask("GET", "/order/?product=" + sku + "&limit=2" + (cursor.isEmpty() ? "" : "&cursor=" + cursor)).body();
      found.addAll(fields("id", page));
      cursor = fields("next", page).get(0);
    }
    check(found.containsAll(made), true);
    check(new HashSet<>(found).size(), found.size());
  }

  static void follow() throws Exception {
    for (int i = 0; i < 3; ++i) placed();
    String path = "/events/?stream=product/" + sku;
    List<String> positions = new ArrayList<>();
    for (String line : ask("GET", path).body().split("\n")) positions.add(fields("position", line).get(0));
    var first = events(path, Map.of("Accept", "text/event-stream"), 2);
    check(first.stream().map(Event::position).toList(), positions.subList(0, 2));
    var resumed = events(path, Map.of("Accept", "text/event-stream", "Last-Event-ID", first.get(1).id()), 1);
    check(resumed.get(0).position(), positions.get(2));
  }

  public static void main(String[] arguments) throws Exception {
    base = arguments[0];
    sku = arguments[1];
    switch (arguments[2]) {
      case "place" -> placed();
      case "abort" -> {
        var answer = ask("PUT", "/order/" + placed() + "/abort/");
        check(List.of(answer.statusCode(), fields("status", answer.body()).get(0)), List.of(200, "aborted"));
      }
      case "repeat" -> {
        var first = place(Map.of("Idempotency-Key", "key of " + sku));
        var again = place(Map.of("Idempotency-Key", "key of " + sku));
        check(fields("id", again.body()), fields("id", first.body()));
        check(again.headers().firstValue("Idempotency-Replayed").orElse(""), "true");
      }
      case "refused" -> {
        String id = placed();
        ask("PUT", "/order/" + id + "/abort/");
        var answer = ask("PUT", "/order/" + id + "/abort/");
        check(List.of(answer.statusCode(), fields("type", answer.body()).get(0)), List.of(409, "order_already_aborted"));
      }
      case "list" -> list();
      case "follow" -> follow();
      case "idle" -> {
        placed();
        Thread.sleep(12_000);
        placed();
      }
    }
    System.exit(0);  // whatever is kept open
  }
}
