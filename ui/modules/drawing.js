// Draws one chart from the data that its element carries, in the colours of the page, and again in others when the
// theme changes. What kinds of charts there are is the table KINDS.
import { BarChart, LineChart, PieChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, LineChart, PieChart, GridComponent, TooltipComponent, CanvasRenderer]);

const STILL = matchMedia("(prefers-reduced-motion: reduce)");

// Colours as the page has them now: a probe is coloured by the same classes and variables.
function colours(element) {
  const probe = document.createElement("span");
  element.after(probe);
  const resolved = (value) => {
    probe.style.color = value;
    return getComputedStyle(probe).color;
  };
  const found = {
    ink: resolved("var(--ink)"),
    soft: resolved("var(--ink-soft)"),
    faint: resolved("var(--ink-faint)"),
    line: resolved("var(--line)"),
    raised: resolved("var(--raised)"),
    tint: resolved("var(--tint-strong)"),
    accent: resolved("var(--accent-fill)"),
    hue: (name) => {
      probe.className = name || "hue-blue";
      return resolved("var(--hue)");
    },
    end: () => probe.remove(),
    family: getComputedStyle(document.body).fontFamily,
  };
  return found;
}

const short = new Intl.NumberFormat(document.documentElement.lang || "en", { notation: "compact", maximumFractionDigits: 1 });
const tooltip = (colour) => ({
  renderMode: "richText",
  backgroundColor: colour.raised,
  borderColor: colour.line,
  padding: [8, 12],
  textStyle: { color: colour.ink, fontSize: 12 },
});

function overAnAxis(kind) {
  return (data, colour) => {
    const several = data.series.length > 1;
    const lying = kind === "bar" && data.lying;
    const names = {
      type: "category",
      data: data.labels,
      inverse: lying,
      axisLine: { lineStyle: { color: colour.line } },
      axisTick: { show: false },
      axisLabel: { color: lying ? colour.soft : colour.faint, fontSize: 11, hideOverlap: true, width: lying ? 130 : 90, overflow: "truncate" },
      boundaryGap: kind === "bar",
    };
    const amounts = {
      type: "value",
      splitNumber: lying ? 4 : 5,
      splitLine: { lineStyle: { color: colour.line } },
      axisLabel: { color: colour.faint, fontSize: 11, formatter: (value) => short.format(value) },
    };
    return {
      grid: { left: 8, right: 12, top: 14, bottom: 6, containLabel: true },
      tooltip: {
        ...tooltip(colour),
        trigger: "axis",
        axisPointer: { type: kind === "bar" ? "shadow" : "line", shadowStyle: { color: colour.tint, opacity: 0.5 }, lineStyle: { color: colour.line } },
        formatter: (points) =>
          [points[0].axisValueLabel, ...points.map((each) => `${several ? `${each.seriesName}  ` : ""}${data.series[each.seriesIndex].texts[each.dataIndex] || "–"}`)].join("\n"),
      },
      xAxis: lying ? amounts : names,
      yAxis: lying ? names : amounts,
      series: data.series.map((series) => ({
        name: series.name,
        type: kind === "bar" ? "bar" : "line",
        stack: data.stacked ? "all" : undefined,
        smooth: 0.25,
        symbolSize: 6,
        showSymbol: data.labels.length < 16,
        areaStyle: kind === "area" ? { opacity: 0.14 } : undefined,
        barMaxWidth: 36,
        barGap: "12%",
        itemStyle: { color: colour.hue(series.hue), borderRadius: kind === "bar" && !data.stacked ? (lying ? [0, 4, 4, 0] : [4, 4, 0, 0]) : 0 },
        lineStyle: { width: 2.5 },
        data: series.values.map((value, at) =>
          kind === "bar" && data.hues?.[at] && !several ? { value, itemStyle: { color: colour.hue(data.hues[at]) } } : value,
        ),
      })),
    };
  };
}

const parts = (data, colour) =>
  data.labels.map((name, at) => ({
    name,
    value: data.series[0].values[at] ?? 0,
    itemStyle: { color: colour.hue(data.hues[at]) },
  }));
const ofAPart = (data) => (point) => `${point.name}\n${data.series[0].texts[point.dataIndex]}${point.percent === undefined ? "" : ` · ${point.percent}%`}`;

const KINDS = {
  bar: overAnAxis("bar"),
  line: overAnAxis("line"),
  area: overAnAxis("area"),
  pie: (data, colour) => ({
    tooltip: { ...tooltip(colour), trigger: "item", formatter: ofAPart(data) },
    series: [{ type: "pie", radius: ["52%", "82%"], center: ["50%", "50%"], padAngle: 1.5, itemStyle: { borderRadius: 4 }, label: { show: false }, data: parts(data, colour) }],
  }),
};

export function drawChart(element) {
  const data = JSON.parse(element.dataset.chart);
  const chart = init(element, null, { renderer: "canvas" });
  const paint = () => {
    const colour = colours(element);
    const option = KINDS[data.kind](data, colour);
    chart.setOption({ animation: !STILL.matches, animationDuration: 400, textStyle: { fontFamily: colour.family }, ...option }, true);
    colour.end();
  };
  paint();
  chart.on("click", (point) => {
    const address = data.series?.[point.seriesIndex]?.urls?.[point.dataIndex];
    if (address) location.assign(address);
  });
  new ResizeObserver(() => chart.resize()).observe(element);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  new MutationObserver(paint).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
  element.dataset.drawn = "yes";
}
