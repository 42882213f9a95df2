import { Component, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { foldTraceback } from "./fold";

/** A traceback of which the lines of add-ons are read at once; the rest a click away. */
export class QueueJobTraceback extends Component {
    static template = "queue_job.Traceback";
    static props = { ...standardFieldProps };

    setup() {
        this.state = useState({ isWhole: false });
    }

    get shown() {
        return this.props.record.data[this.props.name];
    }

    get parts() {
        const { text, roots } = this.shown;
        return foldTraceback(text, roots);
    }

    get canFold() {
        return this.parts.some((part) => part.frames);
    }
}

registry.category("fields").add("queue_job_traceback", {
    component: QueueJobTraceback,
    supportedTypes: ["json"],
});
