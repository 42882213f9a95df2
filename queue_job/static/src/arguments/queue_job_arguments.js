import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** What a job is called with: records as links, values in each other. */
export class QueueJobArguments extends Component {
    static template = "queue_job.Arguments";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
    }

    get shown() {
        return this.props.record.data[this.props.name] || { nodes: [], is_cut: false };
    }

    open(model, resId) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: resId,
            views: [[false, "form"]],
        });
    }
}

registry.category("fields").add("queue_job_arguments", {
    component: QueueJobArguments,
    supportedTypes: ["json"],
});
