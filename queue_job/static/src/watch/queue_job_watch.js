import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { Component, onMounted, onWillUnmount, xml } from "@odoo/owl";

/** Milliseconds between two looks at a job that runs. */
const PAUSE = 3000;
const RUNNING = ["enqueued", "started"];

/**
 * Reads a job anew while it runs, as long as a user looks at it and changes nothing.
 * Each look is asked for when the one before has been answered.
 */
export class QueueJobWatch extends Component {
    static template = xml`<t/>`;
    static props = { ...standardWidgetProps };

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
        const isSeen = RUNNING.includes(record.data.state) && !document.hidden;
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
