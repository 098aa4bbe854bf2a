// Line charts over time. The text next to a chart and the label of its canvas describe it in words.
/* global Chart */

const charts = new Set();

function color(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }

function paint(chart) {
  const [text, grid] = [color("--quiet"), color("--line")];
  chart.data.datasets.forEach((line, i) => {
    line.borderColor = line.backgroundColor = color(i === 0 ? "--accent" : "--second");
  });
  for (const scale of Object.values(chart.options.scales)) {
    scale.ticks.color = text;
    scale.grid.color = grid;
  }
  chart.options.plugins.legend.labels.color = text;
  chart.update();
}

/** Makes a chart with one line for each name; `tick` formats a value. */
export function lineChart(canvas, names, { stepped = false, tick = String } = {}) {
  const chart = new Chart(canvas, {
    type: "line",
    data: {
      labels: [],
      datasets: names.map((label, i) => ({
        label, data: [], stepped, borderWidth: 2, pointHitRadius: 8,
        pointRadius: (point) => (point.chart.data.labels.length < 3 ? 2 : 0), // a single point is not a visible line
        borderDash: i === 0 ? [] : [5, 3], // distinguishable without color
      })),
    },
    options: {
      animation: false, maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      plugins: { legend: { display: names.length > 1, position: "bottom", labels: { boxHeight: 0 } } },
      scales: {
        x: { ticks: { maxTicksLimit: 5, maxRotation: 0 }, grid: { display: false } },
        y: { beginAtZero: true, ticks: { maxTicksLimit: 5, callback: (value) => tick(value) }, grid: {} },
      },
    },
  });
  charts.add(chart);
  paint(chart);
  return chart;
}

/** Draws the lines; screen readers read `description`. */
export function draw(chart, labels, lines, description) {
  chart.data.labels = labels;
  lines.forEach((values, i) => { chart.data.datasets[i].data = values; });
  chart.canvas.setAttribute("aria-label", description);
  chart.update();
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => charts.forEach(paint));
