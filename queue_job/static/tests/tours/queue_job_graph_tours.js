import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

const node = (name) => `.o_queue_job_graph_node:contains(${name})`;

function overlap(one, other) {
    const apart =
        one.right <= other.left ||
        other.right <= one.left ||
        one.bottom <= other.top ||
        other.bottom <= one.top;
    return !apart;
}

const boxesStandApart = {
    content: "No box covers another",
    trigger: ".o_queue_job_graph_node",
    run() {
        const nodes = document.querySelectorAll(".o_queue_job_graph_node");
        const boxes = [...nodes].map((element) => element.getBoundingClientRect());
        boxes.forEach((box, number) => {
            if (boxes.slice(number + 1).some((other) => overlap(box, other))) {
                throw new Error("boxes overlap");
            }
        });
    },
};

tours.add("queue_job_graph", {
    steps: () => [
        {
            content: "Turn to the dependencies",
            trigger: ".nav-link[name=dependencies]",
            run: "click",
        },
        {
            content: "The job itself stands out",
            trigger:
                ".o_queue_job_graph_current[aria-current=true]:contains(Tell of it)",
        },
        {
            content: "The jobs before it are one node, with their states",
            trigger: `${node("30 × Export an order")}:contains(1 Done):contains(29 Pending)`,
        },
        boxesStandApart,
        {
            content: "The legend names the states",
            trigger:
                ".o_queue_job_graph_legend:contains(Wait Dependencies):contains(Done)",
        },
        {
            content: "Zoom out",
            trigger: ".o_queue_job_graph button[title='Zoom out']",
            run: "click",
        },
        {
            content: "It is smaller",
            trigger: ".o_queue_job_graph_scaled[style*='scale(0.8)']",
        },
        {
            content: "Let the job not run",
            trigger: ".o_statusbar_buttons button[name=button_cancelled]",
            run: "click",
        },
        {
            content: "Yes, really",
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "The drawing shows it",
            trigger: `.o_queue_job_graph_current:contains(Cancelled)`,
        },
        {
            content: "Open the one that comes first of all",
            trigger: node("Prepare everything"),
            run: "click",
        },
        {
            content: "Its form is there, and its drawing",
            trigger: ".o_form_view h1:contains(Prepare everything)",
        },
        {
            content: "Turn to its dependencies",
            trigger: ".nav-link[name=dependencies]:not(.active)",
            run: "click",
        },
        {
            content: "It stands out now",
            trigger: ".o_queue_job_graph_current:contains(Prepare everything)",
        },
        {
            content: "Open the many",
            trigger: node("30 × Export an order"),
            async run({ anchor, press }) {
                anchor.focus();
                await press("Enter");
            },
        },
        {
            content: "They are listed",
            trigger: ".o_list_view .o_pager_limit:contains(30)",
        },
    ],
});

tours.add("queue_job_graph_phone", {
    steps: () => [
        {
            content: "Turn to the dependencies",
            trigger: ".nav-link[name=dependencies]",
            run: "click",
        },
        {
            content: "The job itself is in sight",
            trigger: ".o_queue_job_graph_current:contains(Tell of it)",
            run({ anchor }) {
                const { left, right } = anchor.getBoundingClientRect();
                if (left < 0 || right > window.innerWidth) {
                    throw new Error(`it stands at ${left} to ${right}`);
                }
            },
        },
        boxesStandApart,
        {
            content: "Only the drawing scrolls, not the page",
            trigger: ".o_queue_job_graph_scroller",
            run({ anchor }) {
                if (anchor.scrollWidth <= anchor.clientWidth) {
                    throw new Error("the drawing does not scroll");
                }
                if (document.documentElement.scrollWidth > window.innerWidth) {
                    throw new Error("the page is wider than the screen");
                }
            },
        },
        {
            content: "Show all of it",
            trigger: ".o_queue_job_graph button[title='Show all']",
            run: "click",
        },
        {
            content: "Open the first job",
            trigger: node("Prepare everything"),
            run: "click",
        },
        {
            content: "Its form is there",
            trigger: ".o_form_view h1:contains(Prepare everything)",
        },
    ],
});
