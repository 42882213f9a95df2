import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

const job = (name) => `.o_data_row:contains(${name})`;

tours.add("queue_job_function", {
    steps: () => [
        {
            content: "Open the method",
            trigger: ".o_data_row td:contains(_test_job)",
            run: "click",
        },
        {
            content: "Type what is no retry pattern",
            trigger: ".o_field_widget[name=edit_retry_pattern] textarea",
            run: "edit every minute",
        },
        {
            content: "Try to save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "The refusal shows how to write it",
            trigger: ".modal:contains(dictionary from a number of attempts)",
        },
        {
            content: "Close it",
            trigger:
                ".modal .modal-footer button:contains(Close), .modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "Type a retry pattern",
            trigger:
                "body:not(:has(.modal)) .o_field_widget[name=edit_retry_pattern] textarea",
            run: "edit {1: 10, 5: (60, 120)}",
        },
        {
            content: "Save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "Saved",
            trigger: ".o_form_saved",
        },
    ],
});

tours.add("queue_job_channel", {
    steps: () => [
        {
            content: "A new channel",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "Give it a name",
            trigger: ".o_field_widget[name=name] input",
            run: "edit invoices",
        },
        {
            content: "Look for its parent",
            trigger: ".o_field_widget[name=parent_id] input",
            run: "edit root.shop",
        },
        {
            content: "Choose it",
            trigger: ".o-autocomplete--dropdown-item:contains(root.shop)",
            run: "click",
        },
        {
            content: "Save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "Its complete name shows its place",
            trigger: ".o_field_widget[name=complete_name]:contains(root.shop.invoices)",
        },
        {
            content: "Look at its jobs",
            trigger: ".oe_stat_button:contains(Jobs)",
            run: "click",
        },
        {
            content: "There are none, and a text says what jobs are",
            trigger: ".o_view_nocontent:contains(runs in the background)",
        },
    ],
});

tours.add("queue_job_pause", {
    steps: () => [
        {
            content: "Open a channel",
            trigger: ".o_data_row td[name=complete_name]:contains(root.shop)",
            run: "click",
        },
        {
            content: "Allow it two jobs at a time",
            trigger: ".o_field_widget[name=capacity_limit] input",
            run: "edit 2",
        },
        {
            content: "Pause it",
            trigger: ".o_statusbar_buttons button[name=pause]",
            run: "click",
        },
        {
            content: "Yes, really",
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "It says who paused it",
            trigger: ".alert-warning:contains(root.shop was paused by)",
        },
        {
            content: "The history says it, too",
            trigger: ".o-mail-Message:contains(Paused)",
        },
        {
            content: "Look at its jobs",
            trigger: ".oe_stat_button:contains(Jobs)",
            run: "click",
        },
        {
            content: "Open a waiting job",
            trigger: `${job("A waiting job")} td[name=name]`,
            run: "click",
        },
        {
            content: "It says why it waits; follow it",
            trigger:
                ".alert-warning:contains(was paused by) [name=paused_channel_id] a",
            run: "click",
        },
        {
            content: "Resume the channel",
            trigger: ".o_statusbar_buttons button[name=resume]",
            run: "click",
        },
        {
            content: "It is not paused any more, and nothing says it is",
            trigger: ".o_statusbar_buttons:has(button[name=pause])",
        },
        {
            content: "The lowered capacity is still there",
            trigger:
                ".o_form_view:not(:has(.alert-warning)) [name=capacity_limit] input:value(2)",
        },
    ],
});

tours.add("queue_job_pause_phone", {
    steps: () => [
        {
            content: "Channels are cards, with the button at hand",
            trigger: ".o_kanban_record:contains(root.shop) button[name=pause]",
            run: "click",
        },
        {
            content: "Yes, really",
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "It says who paused it",
            trigger: ".o_kanban_record:contains(root.shop was paused by)",
        },
        {
            content: "It can be resumed",
            trigger: ".o_kanban_record:contains(root.shop) button[name=resume]",
        },
    ],
});
