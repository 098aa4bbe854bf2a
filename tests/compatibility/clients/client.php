<?php
// PHP's curl: one handle, which keeps its connection.
[, $base, $sku, $task] = $argv;
$handle = curl_init();

function check($found, $wanted) {
    if ($found !== $wanted) throw new Exception(json_encode($found) . " and not " . json_encode($wanted));
}

function ask($method, $path, $body = null, $headers = []) {
    global $handle, $base;
    $answered = [];
    curl_reset($handle);
    curl_setopt_array($handle, [
        CURLOPT_URL => $base . $path, CURLOPT_CUSTOMREQUEST => $method, CURLOPT_RETURNTRANSFER => true,
        CURLOPT_HTTPHEADER => array_merge($headers, $body === null ? [] : ["Content-Type: application/json"]),
        CURLOPT_HEADERFUNCTION => function ($_, $line) use (&$answered) {
            $parts = explode(":", $line, 2);
            if (count($parts) == 2) $answered[strtolower($parts[0])] = trim($parts[1]);
            return strlen($line);
        },
    ]);
    if ($body !== null) curl_setopt($handle, CURLOPT_POSTFIELDS, json_encode($body));
    $text = curl_exec($handle);
    if ($text === false) throw new Exception(curl_error($handle));
    return [curl_getinfo($handle, CURLINFO_RESPONSE_CODE), $answered, $text];
}

function placed($headers = []) {
    global $sku;
    [$status, $answered, $text] = ask("POST", "/order/", ["product" => $sku, "quantity" => 2], $headers);
    $order = json_decode($text, true);
    check([$status, $order["status"]], [201, "in_progress"]);
    return [$order["id"], $answered];
}

// So many server-sent events: the transfer is broken off behind them.
function events($path, $headers, $count) {
    global $base;
    $found = [];
    $text = "";
    $stream = curl_init($base . $path);
    curl_setopt_array($stream, [
        CURLOPT_HTTPHEADER => array_merge(["Accept: text/event-stream"], $headers), CURLOPT_TIMEOUT => 30,
        CURLOPT_WRITEFUNCTION => function ($_, $piece) use (&$found, &$text, $count) {
            $text .= $piece;
            while (($end = strpos($text, "\n\n")) !== false) {
                $block = substr($text, 0, $end);
                $text = substr($text, $end + 2);
                if (preg_match('/^id: (.*)$/m', $block, $id) && preg_match('/^data: (.*)$/m', $block, $data)) {
                    $found[] = [$id[1], json_decode($data[1], true)["position"]];
                }
            }
            return count($found) >= $count ? 0 : strlen($piece);
        },
    ]);
    curl_exec($stream);
    return array_slice($found, 0, $count);
}

switch ($task) {
    case "place":
        placed();
        break;
    case "abort":
        [$id] = placed();
        [$status, , $text] = ask("PUT", "/order/$id/abort/");
        check([$status, json_decode($text, true)["status"]], [200, "aborted"]);
        break;
    case "repeat":
        [$first] = placed(["Idempotency-Key: key of $sku"]);
        [$again, $answered] = placed(["Idempotency-Key: key of $sku"]);
        check([$again, $answered["idempotency-replayed"]], [$first, "true"]);
        break;
    case "refused":
        [$id] = placed();
        ask("PUT", "/order/$id/abort/");
        [$status, , $text] = ask("PUT", "/order/$id/abort/");
        check([$status, json_decode($text, true)["type"]], [409, "order_already_aborted"]);
        break;
    case "list":
        $made = [];
        for ($i = 0; $i < 5; ++$i) $made[] = placed()[0];
        $found = [];
        for ($cursor = ""; $cursor !== null;) {
            $query = http_build_query(["product" => $sku, "limit" => 2] + ($cursor === "" ? [] : ["cursor" => $cursor]));
            $page = json_decode(ask("GET", "/order/?$query")[2], true);
            foreach ($page["orders"] as $order) $found[] = $order["id"];
            $cursor = $page["next"];
        }
        check(array_values(array_diff($made, $found)), []);
        check(count(array_unique($found)), count($found));
        break;
    case "follow":
        for ($i = 0; $i < 3; ++$i) placed();
        $path = "/events/?stream=product/$sku";
        $positions = [];
        foreach (explode("\n", trim(ask("GET", $path)[2])) as $line) $positions[] = json_decode($line, true)["position"];
        $first = events($path, [], 2);
        check(array_column($first, 1), array_slice($positions, 0, 2));
        $resumed = events($path, ["Last-Event-ID: " . $first[1][0]], 1);
        check($resumed[0][1], $positions[2]);
        break;
    case "idle":
        placed();
        sleep(12);
        placed();
        break;
}
