import {
    Component,
    onWillStart,
    onWillUnmount,
    useExternalListener,
    useState,
} from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { formatInteger } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { formatBegun, formatCount, formatSeconds } from "./figures";
import { Poller } from "./poller";
import { ThroughputChart } from "./throughput_chart";
import { TroubleWatch } from "./trouble";

const EXAMPLE = `record.with_delay().my_method(argument)`;

/** What waits, runs, has failed and ended, asked anew every other second. */
export class QueueJobDashboard extends Component {
    static template = "queue_job.Dashboard";
    static components = { Layout, ThroughputChart };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.orm = useService("orm");
        this.display = { controlPanel: {} };
        this.example = EXAMPLE;
        this.formatSeconds = formatSeconds;
        this.formatInteger = formatInteger;
        this.state = useState({
            data: null,
            history: null,
            period: "hour",
            isSilent: false,
            trouble: false,
        });
        this.troubleWatch = new TroubleWatch();
        this.periods = [
            { name: "hour", label: _t("Hour") },
            { name: "day", label: _t("Day") },
            { name: "week", label: _t("Week") },
        ];
        this.percentiles = [
            { name: "waiting", label: _t("Waiting Time") },
            { name: "duration", label: _t("Duration") },
        ];
        this.poller = new Poller(() => this.ask(), {
            isHidden: () => document.visibilityState === "hidden",
            now: () => browser.performance.now(),
            setTimer: (act, delay) => browser.setTimeout(act, delay),
            clearTimer: (timer) => browser.clearTimeout(timer),
        });
        useExternalListener(document, "visibilitychange", () =>
            this.poller.visibilityChanged()
        );
        onWillStart(async () => {
            await this.ask(); // who may not see it is told so
            this.poller.schedule(0);
        });
        onWillUnmount(() => this.poller.stop());
    }

    /** Ask for everything but a history that is here already. */
    async ask() {
        const { period } = this.state;
        const asked = [period, this.known || null];
        try {
            const data = await this.orm.silent.call(
                "queue.job.dashboard",
                "get_dashboard",
                asked
            );
            this.show(data, period);
        } catch (error) {
            if (!this.state.data) {
                throw error;
            }
            this.state.isSilent = true;
            throw error;
        }
    }

    show({ history, history_version: version, ...data }, period) {
        if (period !== this.state.period) {
            return; // another one was chosen meanwhile, and is asked for
        }
        if (history) {
            this.state.history = history;
        }
        this.known = version;
        this.state.data = data;
        this.state.trouble = this.troubleWatch.look(data, browser.performance.now());
        this.state.isSilent = false;
    }

    get now() {
        return deserializeDateTime(this.state.data.now).toSeconds();
    }

    get leaderText() {
        const { leader } = this.state.data;
        if (!leader) {
            return _t("No runner serves this database.");
        }
        if (leader.leads_for === null) {
            return _t("A runner serves this database, with another database user.");
        }
        const heard = {
            since: formatSeconds(leader.leads_for),
            silent: formatSeconds(leader.silent_for),
        };
        if (leader.about) {
            return _t(
                "A runner has served this database for %(since)s and was last heard %(silent)s ago.",
                heard
            );
        }
        return _t(
            "A runner at %(host)s has served this database for %(since)s and was last heard %(silent)s ago.",
            { ...heard, host: leader.host || _t("the host of the database") }
        );
    }

    /** What the runner says of itself; nothing where another database user leads. */
    get leaderAbout() {
        const about = this.state.data.leader?.about;
        if (!about) {
            return "";
        }
        return _t(
            "Version %(version)s on host %(host)s (process %(pid)s), channels %(channels)s, reaches Odoo at %(address)s.",
            about
        );
    }

    /** How many jobs have ended, as the chart of the last hour shows them. */
    get rateText() {
        const { count, most } = this.state.data.ended_lately;
        if (!count) {
            return _t("No job ended within the last ten minutes.");
        }
        return _t(
            "Within the last ten minutes %(count)s jobs ended, at most %(most)s of them in one minute.",
            { count: formatInteger(count), most: formatInteger(most) }
        );
    }

    get hasFailed() {
        return this.state.data.counters.some(
            ({ name, count }) => name === "failed" && count
        );
    }

    openFailures() {
        return this.action.doAction("queue_job.action_queue_job_failure_most");
    }

    count(counter) {
        if (counter.on_their_way) {
            return this.begun(counter.count, counter.on_their_way);
        }
        return formatCount(counter, formatInteger);
    }

    /** Those that have begun, and those that were dispatched and have not. */
    begun(dispatched, onTheirWay) {
        return formatBegun(dispatched, onTheirWay, formatInteger);
    }

    /** What the second number says. */
    begunTitle(dispatched, onTheirWay) {
        if (!onTheirWay) {
            return undefined;
        }
        return _t(
            "%(begun)s jobs have begun. %(others)s are on their way to a worker, or come after another job of their batch, in its slot.",
            {
                begun: formatInteger(dispatched - onTheirWay),
                others: formatInteger(onTheirWay),
            }
        );
    }

    countIn(channel, kind) {
        const hasMore = channel.beyond.includes(kind);
        return formatCount({ count: channel[kind], has_more: hasMore }, formatInteger);
    }

    /** Of jobs that were not all counted, only how long they take at least is known. */
    throughIn(channel) {
        const isKnown = typeof channel.through_in === "number";
        const least = isKnown && channel.beyond.includes("waiting") ? "> " : "";
        return least + formatSeconds(channel.through_in);
    }

    counterClass({ name, count }) {
        const isBad = ["failed", "failed_last_hour"].includes(name) && count;
        return isBad ? "text-danger" : "";
    }

    timesOf(channel, kind) {
        return formatSeconds(this.state.history?.channels[channel.name]?.[kind]?.p95);
    }

    workerOf(job) {
        const host = job.host || _t("the host of the database");
        return job.pid ? _t("%(pid)s at %(host)s", { pid: job.pid, host }) : "";
    }

    choosePeriod(period) {
        this.state.period = period;
        this.known = null;
        this.poller.refresh();
    }

    async open(name, channel) {
        const asked = [name, channel || false];
        const action = await this.orm.call("queue.job.dashboard", "open_jobs", asked);
        await this.action.doAction(action);
    }

    openJob(job) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "queue.job",
            res_id: job.id,
            views: [[false, "form"]],
        });
    }

    pause(channel) {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Pause %s?", channel.name),
            body: _t(
                "In this database no further job of the channel, or of the channels below it, starts until it is resumed. Running jobs continue."
            ),
            confirmLabel: _t("Pause"),
            confirm: () => this.change("pause", [[channel.id]]),
            cancel: () => {},
        });
    }

    resume(channel) {
        this.troubleWatch.forget();
        return this.change("resume", [[channel.id]]);
    }

    async limit(channel, input) {
        const most = Math.max(0, Math.trunc(Number(input.value) || 0));
        input.value = most || "";
        if (most !== channel.capacity_limit) {
            await this.change("write", [[channel.id], { capacity_limit: most }]);
        }
    }

    async change(method, args) {
        await this.orm.call("queue.job.channel", method, args);
        await this.poller.refresh();
    }
}

registry.category("actions").add("queue_job_dashboard", QueueJobDashboard);
