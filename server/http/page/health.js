// The health of the ledger: its state in a word, the end of the log, the lag of the views, rate and latency.
import { logIn, readHead, readMetrics, readReadiness } from "./api.js";
import { draw, lineChart } from "./charts.js";
import { byId, duration, number } from "./elements.js";

const period = 2_000;      // ms between two samples
const kept = 60;           // samples that the charts show
const trailingAfter = 2;   // s that the views may be behind before the state is Trailing

// ---- metrics ----

/** Returns the samples of the metric `name` in Prometheus' text: labels and value. */
function samples(text, name) {
  const found = [];
  for (const line of text.split("\n")) {
    if (!line.startsWith(name)) continue;
    const match = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (match !== null && match[1] === name) found.push({ labels: match[2] ?? "", value: Number(match[3]) });
  }
  return found;
}

function latencyOf(text) {
  const name = "stockfold_command_duration_seconds";
  return {
    count: samples(text, `${name}_count`)[0]?.value ?? 0,
    buckets: samples(text, `${name}_bucket`).map(({ labels, value }) => ({
      to: Number(/le="([^"]+)"/.exec(labels)[1].replace("+Inf", "Infinity")), count: value,
    })),
  };
}

/** Returns the latency in ms that a share of the commands between two samples did not exceed; null without commands. */
function quantile(before, after, share) {
  const total = after.count - before.count;
  if (total <= 0) return null;
  let from = 0;
  let below = 0;
  for (const [i, bucket] of after.buckets.entries()) {
    const upTo = bucket.count - (before.buckets[i]?.count ?? 0);
    if (upTo >= share * total) {
      if (bucket.to === Infinity) return from * 1000;
      const inside = upTo === below ? 1 : (share * total - below) / (upTo - below);
      return (from + (bucket.to - from) * inside) * 1000;
    }
    from = bucket.to;
    below = upTo;
  }
  return from * 1000;
}

// ---- rate and latency ----

class Rates {
  #rate = lineChart(byId("rate-chart"), ["commands a second"], { tick: number });
  #latency = lineChart(byId("latency-chart"), ["p50", "p99"], { tick: duration });
  #points = [];
  #last = null;

  add(text, now) {
    const before = this.#last;
    if (before !== null && now - before.now < period / 2) return; // a rate over so short a time means nothing
    const latency = latencyOf(text);
    this.#last = { ...latency, now };
    // The first sample has no predecessor to compare with. Neither has the first one after a restart of the ledger.
    if (before === null || latency.count < before.count) return;
    const rate = Math.round((latency.count - before.count) / ((now - before.now) / 1000));
    this.#points.push({
      time: new Date().toISOString().slice(11, 19), rate, // UTC, like all times on the page
      p50: quantile(before, latency, 0.5), p99: quantile(before, latency, 0.99),
    });
    if (this.#points.length > kept) this.#points.shift();
    this.#draw();
  }

  #draw() {
    const points = this.#points;
    const { rate, p50, p99 } = points.at(-1);
    const latency = p50 === null ? "–" : `${duration(p50)}, ${duration(p99)}`;
    byId("rate-now").textContent = number(rate);
    byId("latency-now").textContent = latency;
    const labels = points.map((point) => point.time);
    const most = Math.max(...points.map((point) => point.rate));
    draw(this.#rate, labels, [points.map((point) => point.rate)],
      `Commands a second, the last ${points.length} samples: now ${number(rate)}, at most ${number(most)}`);
    const said = p50 === null ? "no command in two seconds" : `p50 ${duration(p50)}, p99 ${duration(p99)}`;
    draw(this.#latency, labels, [points.map((point) => point.p50), points.map((point) => point.p99)],
      `Latency: ${said}`);
  }
}

// ---- the state ----

function show(state, word, why) {
  const badge = byId("state");
  if (badge.dataset.state === state && badge.querySelector("span").textContent === why) return;
  badge.dataset.state = state;
  badge.querySelector("b").textContent = word;
  badge.querySelector("span").textContent = why;
}

function judge(readiness, metrics, isFeedBehind) {
  const behind = samples(metrics, "stockfold_view_lag_seconds")[0]?.value ?? 0;
  const late = (readiness.late_views ?? []).map((view) => view.view);
  if (late.length > 0) return show("trailing", "Trailing", `being built: ${late.join(", ")}`);
  if (behind > trailingAfter) return show("trailing", "Trailing", `the views are ${behind.toFixed(0)} s behind`);
  if (isFeedBehind) return show("trailing", "Trailing", "live events do not arrive; the page reads them every two seconds");
  show("healthy", "Healthy", "");
}

/** Samples every two seconds, and gives each head to `onHead`. `isFeedBehind()`: whether live events do not arrive. */
export function startHealth(onHead, isFeedBehind) {
  const rates = new Rates();
  const logInForm = byId("log-in");
  logInForm.addEventListener("submit", (event) => {
    event.preventDefault(); // only the ledger may receive the token
    const text = logInForm.elements.token.value.trim();
    if (!/^[!-~]+$/.test(text)) return show("closed", "Closed", "this is not a token"); // and a header cannot hold it
    logIn(text);
    location.reload(); // the page has shown nothing of the refused reads
  });
  async function look() {
    if (document.hidden) return;
    try {
      const [head, metrics, readiness] = await Promise.all([
        readHead(), readMetrics(), readReadiness().catch((problem) => problem)]);
      byId("head-position").textContent = number(head.position);
      byId("view-lag").textContent = number(Math.max(0, head.position - head.views));
      byId("head-hash").textContent = head.hash.slice(0, 12);
      byId("head-hash").title = head.hash;
      if (readiness instanceof Error) show("not-ready", "Not ready", readiness.message);
      else judge(readiness, metrics, isFeedBehind());
      rates.add(metrics, performance.now());
      onHead(head);
      logInForm.hidden = true;
    } catch (problem) {
      logInForm.hidden = problem.status !== 401;
      if (problem.status === 401) show("closed", "Closed", problem.message);
      else show("not-reachable", "Not reachable", problem.message);
    }
  }
  async function watch() {
    for (;;) {
      await look();
      await new Promise((done) => setTimeout(done, period));
    }
  }
  document.addEventListener("visibilitychange", look);
  watch();
}
