import { registry } from "@web/core/registry";
import { charField } from "@web/views/fields/char/char_field";

/** A text that gets so many pixels of a list, however long its neighbours are. */
registry.category("fields").add("queue_job_text", {
    ...charField,
    supportedTypes: ["char"],
    listViewWidth: ({ options }) => [options.min_width],
});
