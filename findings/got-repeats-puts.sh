#!/usr/bin/env bash
# got 14.6.0 (npm): the client sends a PUT again by itself if the answer is lost. It does not repeat a POST.
#
# The server reads a request and, once, closes the connection before it answers. got.put() succeeds, and the server saw
# the request twice. got.post() fails, and the server saw it once. PUT is idempotent by RFC 9110, but the program sees the
# outcome of the second request. So an action that may happen only once, such as PUT …/abort/, is reported as refused
# although it was done.
# What it means for users: PUT needs an idempotency key more than POST does.
source "$(dirname "$0")/common.sh"
npm_packages got@14.6.0

cat >"$work/ask.mjs" <<'JS'
import got from 'got';
import http from 'node:http';
let seen = 0;
const server = http.createServer((request, response) => {
  request.resume();
  request.on('end', () => (++seen === 1 ? request.socket.destroy() : response.end(`answer ${seen}`)));
});
await new Promise(done => server.listen(0, '127.0.0.1', done));
const url = `http://127.0.0.1:${server.address().port}/`;
for (const method of ['put', 'post']) {
  seen = 0;
  const outcome = await got[method](url, {json: {}}).text().catch(error => error.code);
  console.log(`${method}: seen ${seen}, ${outcome}`);
}
server.close();
server.closeAllConnections();
JS
(cd "$work" && node ask.mjs) >"$work/seen"
same "put" "put: seen 2, answer 2" "$(sed -n 1p "$work/seen")"
same "post" "post: seen 1, ECONNRESET" "$(sed -n 2p "$work/seen")"
finish
