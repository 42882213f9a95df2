import { Component, onWillUnmount, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { useDropdownState } from "@web/core/dropdown/dropdown_hooks";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

/** Milliseconds between two looks, while the menu is open. */
const PAUSE = 3000;
const WAITING = { label: _t("Waiting"), color: "text-bg-secondary", isOver: false };
/** What users are told of the states of jobs. */
const STATES = {
    wait_dependencies: WAITING,
    pending: WAITING,
    enqueued: WAITING,
    started: { label: _t("Running"), color: "text-bg-info", isOver: false },
    done: { label: _t("Done"), color: "text-bg-success", isOver: true },
    failed: { label: _t("Failed"), color: "text-bg-danger", isOver: true },
    cancelled: { label: _t("Cancelled"), color: "text-bg-secondary", isOver: true },
};

/**
 * The background tasks of the user: jobs that he delayed himself. Asks the server when
 * it is opened, and as long as it is open and one of them is not over.
 */
export class QueueJobTasks extends Component {
    static template = "queue_job.Tasks";
    static components = { Dropdown };
    static props = [];

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ tasks: null, isLost: false });
        this.dropdown = useDropdownState({ onClose: () => this.rest() });
        onWillUnmount(() => this.rest());
    }

    async load() {
        try {
            const tasks = await this.orm.silent.call(
                "queue.job",
                "background_tasks",
                []
            );
            this.state.tasks = tasks.map((task) => ({
                ...task,
                ...STATES[task.state],
            }));
            this.state.isLost = false;
        } catch {
            this.state.isLost = true; // asked again when the menu is opened again
        }
    }

    wait() {
        this.rest();
        const isUnderWay = (this.state.tasks || []).some((task) => !task.isOver);
        if (this.dropdown.isOpen && isUnderWay && !this.state.isLost) {
            this.timer = browser.setTimeout(() => this.look(), PAUSE);
        }
    }

    async look() {
        await this.load();
        this.wait();
    }

    rest() {
        browser.clearTimeout(this.timer);
    }

    percent(task) {
        return Math.round(task.progress);
    }

    /** How far the jobs of a graph are, which are one task. */
    partsText({ parts }) {
        const { total, done, failed } = parts;
        if (failed) {
            return _t("%(done)s of %(total)s done, %(failed)s failed", parts);
        }
        return _t("%(done)s of %(total)s done", { done, total });
    }

    async open(task) {
        const action = await this.orm.call("queue.job", "open_background_task", [
            task.id,
        ]);
        this.dropdown.close();
        this.action.doAction(action);
    }
}

registry
    .category("systray")
    .add("queue_job.Tasks", { Component: QueueJobTasks }, { sequence: 30 });
