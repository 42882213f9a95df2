import { Component } from "@odoo/owl";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";

/** What each kind of event looks like; the text says the same. */
const ICONS = {
    created: "fa-plus text-muted",
    planned: "fa-clock-o text-muted",
    edited: "fa-pencil text-muted",
    attempt: "fa-exclamation-triangle text-warning",
    not_kept: "fa-ellipsis-v text-muted",
    dispatched: "fa-paper-plane-o text-muted",
    begun: "fa-play text-info",
    done: "fa-check text-success",
    failed: "fa-times text-danger",
    cancelled: "fa-ban text-muted",
    run_again: "fa-repeat text-muted",
};

/** What happened to a job, in order; the server says it in words. */
export class QueueJobTimeline extends Component {
    static template = "queue_job.Timeline";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
        this.dialog = useService("dialog");
    }

    get events() {
        const events = this.props.record.data[this.props.name] || [];
        return events.map((event) => ({
            ...event,
            icon: ICONS[event.kind],
            time: event.at && this.format(event.at),
        }));
    }

    format(at) {
        return formatDateTime(deserializeDateTime(at), { showSeconds: true });
    }

    showAttempt(resId) {
        this.show("queue.job.attempt", resId, _t("Attempt"));
    }

    showLog(resId) {
        this.show("queue.job.log", resId, _t("Log"));
    }

    show(resModel, resId, title) {
        const reading = { readonly: true, preventCreate: true, preventEdit: true };
        this.dialog.add(FormViewDialog, { ...reading, resModel, resId, title });
    }

    openJob(resId) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "queue.job",
            res_id: resId,
            views: [[false, "form"]],
        });
    }
}

registry.category("fields").add("queue_job_timeline", {
    component: QueueJobTimeline,
    supportedTypes: ["json"],
});
