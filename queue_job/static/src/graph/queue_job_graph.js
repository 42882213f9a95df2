import { Component, markRaw, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { formatInteger } from "@web/views/fields/formatters";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { measure, NODE } from "./geometry";

const ZOOMS = [0.3, 0.4, 0.5, 0.65, 0.8, 1, 1.25, 1.5];
const READABLE = 0.65;
const LINES = {
    wait: _t("waits until it is done"),
    cancel: _t("is cancelled when it fails"),
    run: _t("runs even if it fails"),
};

/**
 * Draws the graph that a job was delayed in. It is asked for when it is looked at, and
 * again whenever the form was loaded anew.
 */
export class QueueJobGraph extends Component {
    static template = "queue_job.Graph";
    static props = { ...standardWidgetProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.scroller = useRef("scroller");
        this.state = useState({ drawing: null, zoom: 1 });
        this.keepLast = new KeepLast();
        useRecordObserver((record) => {
            // reading `data` is what makes this be called at each load
            this.load(record.data && record.resId);
        });
        useEffect(
            () => this.showCurrent(),
            () => [this.state.drawing?.jobId]
        );
    }

    async load(jobId) {
        const reading = this.orm.read("queue.job", [jobId], ["graph_drawing"]);
        const [{ graph_drawing: drawing }] = await this.keepLast.add(reading);
        this.state.drawing = drawing && markRaw(this.prepare(drawing, jobId));
    }

    prepare(drawing, jobId) {
        const measured = measure(drawing);
        const nodes = drawing.nodes.map((node, place) => ({
            ...this.describe(node),
            isCurrent: node.id === jobId && node.count === 1,
            position: measured.places[place],
        }));
        const dots = drawing.dots.map((place) => measured.places[place]);
        const isPart = drawing.is_part;
        return {
            ...measured,
            jobId,
            nodes,
            dots,
            isPart,
            legend: this.legend(drawing),
        };
    }

    describe(node) {
        const states = Object.entries(node.states).map(([state, count]) => ({
            state,
            count,
        }));
        const told = states.map(({ state, count }) =>
            states.length > 1
                ? `${formatInteger(count)} ${this.labels[state]}`
                : this.labels[state]
        );
        const name = node.title || _t("jobs");
        const title = node.count > 1 ? `${formatInteger(node.count)} × ${name}` : name;
        return {
            ...node,
            title,
            states,
            told: told.join(" · "),
            hint: [title, ...told].join("\n"),
        };
    }

    legend({ nodes, lines }) {
        const states = new Set(nodes.flatMap((node) => Object.keys(node.states)));
        const kinds = new Set(lines.map(([, , ifFailed]) => ifFailed));
        return {
            states: Object.keys(this.labels)
                .filter((state) => states.has(state))
                .map((state) => ({ state, label: this.labels[state] })),
            lines: Object.keys(LINES)
                .filter(
                    (kind) => kinds.has(kind) && (kind !== "wait" || kinds.size > 1)
                )
                .map((kind) => ({ kind, label: LINES[kind] })),
        };
    }

    get labels() {
        return Object.fromEntries(this.props.record.fields.state.selection);
    }

    get canvasStyle() {
        const { width, height } = this.state.drawing;
        const { zoom } = this.state;
        return `width: ${width * zoom}px; height: ${height * zoom}px`;
    }

    nodeStyle({ left, y }) {
        const top = y - NODE.height / 2;
        return `left: ${left}px; top: ${top}px; width: ${NODE.width}px; height: ${NODE.height}px`;
    }

    /** Shrink what fits when it is a little smaller, else begin at the form's own job. */
    showCurrent() {
        const { drawing } = this.state;
        if (!drawing) {
            return;
        }
        const visible = this.scroller.el.clientWidth;
        const fitting = Math.min(1, visible / drawing.width);
        this.state.zoom = fitting >= READABLE ? fitting : 1;
        const current = drawing.nodes.find((node) => node.isCurrent);
        if (this.state.zoom === 1 && current) {
            const { left, y } = current.position;
            this.scroller.el.scrollLeft = left - (visible - NODE.width) / 2;
            this.scroller.el.scrollTop = y - this.scroller.el.clientHeight / 2;
        }
    }

    zoomIn() {
        const { zoom } = this.state;
        this.state.zoom = ZOOMS.find((one) => one > zoom) || zoom;
    }

    zoomOut() {
        const { zoom } = this.state;
        this.state.zoom = ZOOMS.findLast((one) => one < zoom) || zoom;
    }

    zoomToFit() {
        const { clientWidth, clientHeight } = this.scroller.el;
        const { width, height } = this.state.drawing;
        const fitting = Math.min(1, clientWidth / width, clientHeight / height);
        this.state.zoom = Math.max(ZOOMS[0], fitting);
    }

    async open(node) {
        const { jobId } = this.state.drawing;
        const action =
            node.count > 1
                ? await this.orm.call("queue.job", "open_drawn_jobs", [
                      [jobId],
                      node.id,
                  ])
                : {
                      type: "ir.actions.act_window",
                      res_model: "queue.job",
                      res_id: node.id,
                      views: [[false, "form"]],
                  };
        await this.action.doAction(action);
    }
}

export const queueJobGraph = { component: QueueJobGraph };

registry.category("view_widgets").add("queue_job_graph", queueJobGraph);
