import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

const status = (label) =>
    `.o_statusbar_status button.o_arrow_button_current:contains(${label})`;
const job = (name) => `.o_data_row:contains(${name})`;
const stateInPanel = (label) =>
    `.o_search_panel_field .o_search_panel_filter_value:contains(${label}) input`;

const openJobQueue = [
    {
        content: "Open the menu of apps",
        trigger: ".o_navbar_apps_menu button",
        run: "click",
    },
    {
        content: "Open the Job Queue",
        trigger: ".o_app[data-menu-xmlid='queue_job.menu_queue_job_root']",
        run: "click",
    },
    {
        content: "It opens on the dashboard; turn to the menu of the queue",
        trigger:
            "body:has(.o_queue_job_dashboard) .o_menu_sections [data-menu-xmlid='queue_job.menu_queue']",
        run: "click",
    },
    {
        content: "Open the list of jobs",
        trigger: ".o-dropdown--menu [data-menu-xmlid='queue_job.menu_queue_job']",
        run: "click",
    },
    {
        content: "Jobs that ended well are not shown",
        trigger: `.o_list_view:not(:has(${job("A job well done")}))`,
    },
];

tours.add("queue_job_requeue_failed", {
    steps: () => [
        ...openJobQueue,
        {
            content: "Show only failed jobs",
            trigger: stateInPanel("Failed"),
            run: "click",
        },
        {
            content: "Jobs in other states are gone",
            trigger: `.o_list_view:not(:has(${job("A waiting job")}))`,
        },
        {
            content: "Open the failed job",
            trigger: `${job("A broken job")} td[name=name]`,
            run: "click",
        },
        {
            content: "It says at the top why it failed",
            trigger: ".alert-danger:contains(The shop is closed)",
        },
        {
            content: "The traceback is on the first page",
            trigger: ".o_queue_job_traceback_lines:contains(Traceback of the last try)",
        },
        {
            content: "Turn to the attempts",
            trigger: ".nav-link[name=attempts]",
            run: "click",
        },
        {
            content: "Open the first attempt",
            trigger:
                ".o_field_widget[name=attempt_ids] .o_data_row:contains(First refusal) td",
            run: "click",
        },
        {
            content: "Read its own traceback",
            trigger:
                ".modal .o_queue_job_traceback_lines:contains(Traceback of the first try)",
        },
        {
            content: "Close it",
            trigger: ".modal .modal-footer button:contains(Close)",
            run: "click",
        },
        {
            content: "Requeue the job",
            trigger: "body:not(:has(.modal)) .o_statusbar_buttons button[name=requeue]",
            run: "click",
        },
        {
            content: "It is pending",
            trigger: status("Pending"),
        },
        {
            content: "It cannot be requeued a second time",
            trigger: ".o_statusbar_buttons:not(:has(button[name=requeue]))",
        },
    ],
});

tours.add("queue_job_set_done", {
    steps: () => [
        ...openJobQueue,
        {
            content: "Select a failed job",
            trigger: `${job("A broken job")} .o_list_record_selector input`,
            run: "click",
        },
        {
            content: "Select a waiting job",
            trigger: `${job("A waiting job")} .o_list_record_selector input`,
            run: "click",
        },
        {
            content: "Select a running job",
            trigger: `${job("A running job")} .o_list_record_selector input`,
            run: "click",
        },
        {
            content: "Set them to done",
            trigger: ".o_control_panel button:contains(Set to Done)",
            run: "click",
        },
        {
            content: "The wizard says that the running one stays",
            trigger: ".modal .alert-warning:contains(stay as they are):contains(1)",
        },
        {
            content: "Confirm",
            trigger: ".modal button[name=set_done]",
            run: "click",
        },
        {
            content: "The jobs are done, hence gone from the list",
            trigger: `.o_list_view:not(:has(${job("A broken job")})):not(:has(${job("A waiting job")}))`,
        },
        {
            content: "The running job is still there",
            trigger: job("A running job"),
        },
    ],
});

tours.add("queue_job_cancel", {
    steps: () => [
        ...openJobQueue,
        {
            content: "Open a waiting job",
            trigger: `${job("A waiting job")} td[name=name]`,
            run: "click",
        },
        {
            content: "Plan it anew",
            trigger: ".o_field_widget[name=priority] input",
            run: "edit 3",
        },
        {
            content: "Cancel it",
            trigger: ".o_statusbar_buttons button[name=button_cancelled]",
            run: "click",
        },
        {
            content: "Yes, really",
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "It is cancelled",
            trigger: status("Cancelled"),
        },
        {
            content: "The result says by whom",
            trigger: ".o_field_widget[name=shown_result]:contains(Cancelled by)",
        },
        {
            content: "Its planning cannot be changed any more",
            trigger: ".o_field_widget.o_readonly_modifier[name=priority]:contains(3)",
        },
        {
            content: "What became of it?",
            trigger: ".o_form_view .nav-link[name=timeline]",
            run: "click",
        },
        {
            content: "It tells who planned it anew, and how",
            trigger:
                ".o_queue_job_timeline li[data-kind=edited]:contains(Changed by):contains(Priority: 10 → 3)",
        },
    ],
});

tours.add("queue_job_group_by_channel", {
    steps: () => [
        ...openJobQueue,
        {
            content: "Open the search menu",
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        {
            content: "Group by channel",
            trigger: ".o_group_by_menu .o_menu_item:contains(Channel)",
            run: "click",
        },
        {
            content: "Unfold a channel",
            trigger: ".o_group_header:contains(root.shop)",
            run: "click",
        },
        {
            content: "Its jobs are there",
            trigger: job("A waiting job"),
        },
        {
            content: "The panel offers the channels of jobs: choose one",
            trigger: stateInPanel("root.shop"),
            run: "click",
        },
        {
            content: "Look at the figures",
            trigger: ".o_switch_view.o_pivot",
            run: "click",
        },
        {
            content: "Channels are the rows",
            trigger: ".o_pivot tbody tr:contains(root.shop)",
        },
        {
            content: "Look at the chart",
            trigger: ".o_switch_view.o_graph",
            run: "click",
        },
        {
            content: "It is drawn",
            trigger: ".o_graph_canvas_container canvas",
        },
    ],
});

tours.add("queue_job_phone", {
    steps: () => [
        {
            content: "Jobs are cards, and a failed one says why",
            trigger:
                ".o_kanban_record:contains(A broken job):contains(The shop is closed)",
            run: "click",
        },
        {
            content: "Read the traceback",
            trigger: ".o_queue_job_traceback_lines:contains(Traceback of the last try)",
        },
        {
            content: "Attempts are cards, too",
            trigger: ".nav-link[name=attempts]",
            run: "click",
        },
        {
            content: "The first one is there",
            trigger:
                ".o_field_widget[name=attempt_ids] .o_kanban_record:contains(First refusal)",
        },
        {
            content: "Requeue the job",
            trigger: "button[name=requeue]",
            run: "click",
        },
        {
            content: "It is done with",
            trigger: ".o_form_view:not(:has(button[name=requeue]))",
        },
    ],
});

tours.add("queue_job_requeue_all", {
    steps: () => [
        ...openJobQueue,
        {
            content: "Show only failed jobs",
            trigger: stateInPanel("Failed"),
            run: "click",
        },
        {
            content: "The page shows them, and no others",
            trigger: ".o_pager_limit:contains(101)",
        },
        {
            content: "Choose the page",
            trigger: ".o_list_view thead .o_list_record_selector input",
            run: "click",
        },
        {
            content: "Choose everything that matches",
            trigger: ".o_select_domain",
            run: "click",
        },
        {
            content: "Requeue it",
            trigger: ".o_control_panel button:contains(Requeue)",
            run: "click",
        },
        {
            content: "The wizard counts, and lists nothing",
            trigger:
                ".modal .o_form_view:not(:has(.o_data_row)) p:contains(match the filter):contains(101)",
        },
        {
            content: "Confirm",
            trigger: ".modal button[name=requeue]",
            run: "click",
        },
        {
            content: "It tells how many moved",
            trigger: ".o_notification:contains(101 jobs were requeued)",
        },
        {
            content: "They are gone from the list",
            trigger: `.o_list_view:not(:has(.o_data_row)), .o_view_nocontent`,
        },
    ],
});
