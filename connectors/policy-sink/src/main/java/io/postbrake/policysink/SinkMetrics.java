package io.postbrake.policysink;

import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.function.Supplier;
import org.apache.kafka.common.metrics.Gauge;
import org.apache.kafka.common.metrics.PluginMetrics;

/** The enforcer's numbers among Connect's own (plugin metrics); the tags name the table, never a subject. */
final class SinkMetrics {

    private final PluginMetrics metrics;
    private final Clock clock;

    SinkMetrics(PluginMetrics metrics, Clock clock) {
        this.metrics = metrics;
        this.clock = clock;
    }

    /** Shows one table: its bytes, entries, age of the last write in seconds (-1: none yet), and refused records. */
    void table(String name, Enforcement enforcement) {
        gauge(name, "postbrake.enforcer.map.size", () -> enforcement.table().size());
        gauge(
                name,
                "postbrake.enforcer.blocks.in.force",
                () -> enforcement.table().count());
        gauge(name, "postbrake.enforcer.refused.records", enforcement::refused);
        gauge(
                name,
                "postbrake.enforcer.lock.wait.longest.ms",
                () -> enforcement.table().longestLockWait());
        gauge(
                name,
                "postbrake.enforcer.lock.failures",
                () -> enforcement.table().lockFailures());
        gauge(name, "postbrake.enforcer.map.caught.up", () -> enforcement.isCaughtUp() ? 1L : 0L);
        gauge(name, "postbrake.enforcer.map.last.write.age", () -> {
            Instant last = enforcement.lastWrite();
            return last == null ? -1L : clock.instant().getEpochSecond() - last.getEpochSecond();
        });
    }

    /** Shows how many clients with blocked senders wait for a restriction class. */
    void relay(RelayClasses classes) {
        gauge("relay", "postbrake.enforcer.relay.clients.waiting", () -> (long) classes.clientsWaiting());
    }

    /** Shows how many addresses' sessions were ended at Dovecot, and for how many accounts that failed. */
    void sessions(MailboxSessions sessions) {
        gauge("mailboxes", "postbrake.enforcer.dovecot.sessions.ended", sessions::ended);
        gauge("mailboxes", "postbrake.enforcer.dovecot.failures", sessions::failures);
    }

    /** Shows how Dovecot's auth policy is answered. */
    void authPolicy(AuthPolicy policy) {
        gauge("mailboxes", "postbrake.enforcer.dovecot.auth.asked", policy::asked);
        gauge("mailboxes", "postbrake.enforcer.dovecot.auth.refused", policy::refused);
        gauge("mailboxes", "postbrake.enforcer.dovecot.auth.failures", policy::failures);
        gauge("mailboxes", "postbrake.enforcer.dovecot.auth.strangers", policy::strangers);
        gauge("mailboxes", "postbrake.enforcer.dovecot.auth.reports", policy::reports);
        gauge("mailboxes", "postbrake.enforcer.dovecot.auth.longest.us", policy::longestMicros);
    }

    /** Shows how many reports were given up, and how the command after blocks does. */
    void reports(HostDuties duties) {
        gauge("host", "postbrake.enforcer.reports.dropped", duties::dropped);
        Hook hook = duties.hookOrNull();
        if (hook != null) {
            gauge("host", "postbrake.enforcer.hook.runs", hook::runs);
            gauge("host", "postbrake.enforcer.hook.failures", hook::failures);
            gauge("host", "postbrake.enforcer.hook.dropped", hook::dropped);
            gauge("host", "postbrake.enforcer.hook.waiting", hook::waiting);
        }
    }

    private void gauge(String table, String name, Supplier<Long> value) {
        if (metrics == null) {
            return; // A worker of before Kafka 4.1.
        }
        var tags = new LinkedHashMap<String, String>();
        tags.put("table", table);
        Gauge<Long> gauge = (config, now) -> value.get();
        metrics.addMetric(metrics.metricName(name, "", tags), gauge);
    }
}
