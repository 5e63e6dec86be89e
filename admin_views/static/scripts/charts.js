// Draws the dashboard's charts from the JSON block in the page. A bar or point leads to the rows behind it.
"use strict";

const charts = JSON.parse(document.getElementById("charts").textContent);
const locale = document.documentElement.lang.startsWith("zh") ? "ZH" : "EN";

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function seriesOf(chart) {
  return chart.series.map((series) => ({
    name: series.name,
    type: chart.kind === "line" ? "line" : "bar",
    stack: chart.stacked ? "all" : undefined,
    data: series.values,
    barMaxWidth: 28,
    connectNulls: true,
    symbolSize: 9,
    cursor: "pointer",
    itemStyle: { color: colour(series.tone), borderRadius: chart.stacked ? 0 : 3 },
    lineStyle: { width: 3 },
  }));
}

function optionOf(chart) {
  const ink = colour("ink-soft");
  const line = { lineStyle: { color: colour("line") } };
  const names = {
    type: "category", data: chart.categories, inverse: chart.kind === "row", axisLine: line, axisTick: { show: false },
    axisLabel: chart.kind === "row" ? { color: ink, width: 110, overflow: "truncate" } : { color: ink, hideOverlap: true },
  };
  const figures = {
    type: "value", min: chart.least ?? undefined, scale: chart.kind === "line", minInterval: chart.kind === "line" ? 0 : 1,
    splitLine: line, axisLabel: { color: ink },
  };
  return {
    animation: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    // Text drawn on the canvas: a tooltip of HTML would carry inline styles, which our policy stops.
    tooltip: {
      trigger: "axis", renderMode: "richText", axisPointer: { type: chart.kind === "line" ? "line" : "shadow" },
      backgroundColor: colour("card"), borderColor: colour("line"), textStyle: { color: colour("ink") },
    },
    legend: { show: chart.series.length > 1, top: 0, left: 0, itemWidth: 12, itemHeight: 12, itemGap: 10, textStyle: { color: ink } },
    grid: { left: 8, right: 16, top: chart.series.length > 1 ? 40 : 16, bottom: 8, containLabel: true },
    xAxis: chart.kind === "row" ? figures : names,
    yAxis: chart.kind === "row" ? names : figures,
    series: seriesOf(chart),
  };
}

function draw(box) {
  const chart = charts[Number(box.dataset.chart)];
  const drawn = window.echarts.init(box, null, { locale });
  drawn.setOption(optionOf(chart));
  drawn.on("click", (event) => {
    const link = chart.series[event.seriesIndex].links[event.dataIndex];
    if (link) window.location.assign(link);
  });
  new ResizeObserver(() => drawn.resize()).observe(box);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawn.setOption(optionOf(chart)));
}

document.querySelectorAll("[data-chart]").forEach(draw);
