// Charts of lines over time. What they show is said in words beside them, and as the label of the canvas.
/* global Chart */

const charts = new Set();

function colour(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }

function paint(chart) {
  const [text, grid] = [colour("--quiet"), colour("--line")];
  chart.data.datasets.forEach((line, i) => {
    line.borderColor = line.backgroundColor = colour(i === 0 ? "--accent" : "--second");
  });
  for (const scale of Object.values(chart.options.scales)) {
    scale.ticks.color = text;
    scale.grid.color = grid;
  }
  chart.options.plugins.legend.labels.color = text;
  chart.update();
}

/** A chart with a line for each name; `tick` is how a value is written. */
export function lineChart(canvas, names, { stepped = false, tick = String } = {}) {
  const chart = new Chart(canvas, {
    type: "line",
    data: {
      labels: [],
      datasets: names.map((label, i) => ({
        label, data: [], stepped, borderWidth: 2, pointHitRadius: 8,
        pointRadius: (point) => (point.chart.data.labels.length < 3 ? 2 : 0), // one point makes no line
        borderDash: i === 0 ? [] : [5, 3], // told apart by more than colour
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

/** `description` is what somebody hears who does not see it. */
export function draw(chart, labels, lines, description) {
  chart.data.labels = labels;
  lines.forEach((values, i) => { chart.data.datasets[i].data = values; });
  chart.canvas.setAttribute("aria-label", description);
  chart.update();
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => charts.forEach(paint));
