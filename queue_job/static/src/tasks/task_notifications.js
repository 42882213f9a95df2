import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/** Milliseconds in which ends are gathered, and how many are told one by one. */
const PAUSE = 500;
const MOST = 3;

/**
 * Tells the user that a background task of his has ended, wherever he is in the client.
 * Of very many at a time he is told in one sentence.
 */
export const queueJobTaskNotifications = {
    dependencies: ["action", "bus_service", "notification", "orm"],

    start(env, { action, bus_service: bus, notification, orm }) {
        let ended = [];
        let timer = null;

        async function open(task) {
            action.doAction(
                await orm.call("queue.job", "open_background_task", [task.id])
            );
        }

        function tellOne(task) {
            const hasFailed = task.state === "failed";
            const words = hasFailed
                ? _t("%s has failed.", task.name)
                : _t("%s is done.", task.name);
            const close = notification.add(
                hasFailed && task.error ? task.error : words,
                {
                    title: hasFailed && task.error ? words : undefined,
                    type: hasFailed ? "danger" : "success",
                    sticky: hasFailed,
                    buttons: [
                        {
                            name: _t("Open"),
                            onClick: () => {
                                close();
                                open(task);
                            },
                        },
                    ],
                }
            );
        }

        function tellMany(tasks) {
            const failed = tasks.filter((task) => task.state === "failed").length;
            notification.add(
                failed
                    ? _t(
                          "%(count)s background tasks have ended, %(failed)s of them failed.",
                          {
                              count: tasks.length,
                              failed,
                          }
                      )
                    : _t("%s background tasks are done.", tasks.length),
                { type: failed ? "danger" : "success", sticky: Boolean(failed) }
            );
        }

        function tell() {
            const tasks = ended;
            ended = [];
            timer = null;
            if (tasks.length > MOST) {
                tellMany(tasks);
            } else {
                tasks.forEach(tellOne);
            }
        }

        bus.subscribe("queue_job.task_over", (task) => {
            ended.push(task);
            timer = timer || browser.setTimeout(tell, PAUSE);
        });
        bus.start();
    },
};

registry
    .category("services")
    .add("queue_job.task_notifications", queueJobTaskNotifications);
