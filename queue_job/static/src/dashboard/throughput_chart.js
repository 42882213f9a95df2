import { Component, onWillStart, onWillUnmount, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { _t } from "@web/core/l10n/translation";
import { series } from "./figures";

const { DateTime } = window.luxon;

/** Bars of what ended, one for each part of the period. */
export class ThroughputChart extends Component {
    static template = "queue_job.ThroughputChart";
    static props = { history: Object, now: Number, period: String };

    setup() {
        this.canvas = useRef("canvas");
        this.legend = useRef("legend");
        this.kinds = [
            { name: "done", label: _t("Done"), class: "text-success" },
            { name: "failed", label: _t("Failed"), class: "text-danger" },
            { name: "retried", label: _t("Retried"), class: "text-warning" },
        ];
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => this.draw(),
            () => [this.props.history]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    get totals() {
        const found = series(this.props.history, this.props.now);
        const sum = (counts) => counts.reduce((total, count) => total + count, 0);
        return this.kinds.map((kind) => ({ ...kind, count: sum(found[kind.name]) }));
    }

    draw() {
        const found = series(this.props.history, this.props.now);
        const labels = found.times.map((at) => this.label(at));
        const datasets = this.kinds.map(({ name, label }) => ({
            label: `${label}`,
            data: found[name],
            backgroundColor: this.colour(name),
        }));
        if (this.chart) {
            this.chart.data = { labels, datasets };
            this.chart.update("none");
        } else {
            const config = this.config({ labels, datasets });
            this.chart = new window.Chart(this.canvas.el, config);
        }
    }

    config(data) {
        const style = window.getComputedStyle(this.legend.el);
        const ticks = { color: style.color, maxRotation: 0, autoSkipPadding: 16 };
        const grid = { color: style.getPropertyValue("--border-color") };
        return {
            type: "bar",
            data,
            options: {
                animation: false,
                maintainAspectRatio: false,
                plugins: { legend: { display: false } },
                scales: {
                    x: { stacked: true, ticks, grid: { display: false } },
                    y: {
                        stacked: true,
                        beginAtZero: true,
                        grid,
                        ticks: { ...ticks, precision: 0 },
                    },
                },
            },
        };
    }

    /** The colours of the legend, whatever the theme makes of them. */
    colour(name) {
        const shown = this.legend.el.querySelector(`[data-kind=${name}]`);
        return window.getComputedStyle(shown).color;
    }

    label(at) {
        const format = this.props.period === "week" ? "ccc HH:mm" : "HH:mm";
        return DateTime.fromSeconds(at).toFormat(format);
    }
}
