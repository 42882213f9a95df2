import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { Component, onMounted, onWillUnmount, xml } from "@odoo/owl";

/** Milliseconds between two looks at a job that runs. */
const PAUSE = 3000;

/**
 * Reads a job anew while it runs, as long as a user looks at it and changes nothing.
 * Each look is asked for when the one before has been answered.
 */
export class QueueJobWatch extends Component {
    static template = xml`<t/>`;
    static props = { ...standardWidgetProps };
    /** The field that tells whether what is watched changes by itself, and its values
     * that say so. */
    static field = "state";
    static running = ["enqueued", "started"];

    setup() {
        onMounted(() => this.wait());
        onWillUnmount(() => {
            this.isGone = true;
            browser.clearTimeout(this.timer);
        });
    }

    wait() {
        this.timer = browser.setTimeout(() => this.look(), PAUSE);
    }

    async look() {
        const { record } = this.props;
        const { field, running } = this.constructor;
        const isRunning = running.includes(record.data[field]);
        const isSeen = isRunning && !document.hidden;
        if (isSeen && !(await record.isDirty())) {
            try {
                await record.load();
            } catch {
                return; // the server does not answer: the page shows what it has
            }
        }
        if (!this.isGone) {
            this.wait();
        }
    }
}

registry.category("view_widgets").add("queue_job_watch", {
    component: QueueJobWatch,
    fieldDependencies: [{ name: "state", type: "selection" }],
});
