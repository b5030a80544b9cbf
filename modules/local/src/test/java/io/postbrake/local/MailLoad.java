package io.postbrake.local;

import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import io.postbrake.wire.Topics;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Mail of many accounts on one host, a login and a queued message each; knows what has to come of it. */
final class MailLoad {

    private static final int ACCOUNTS = 100;
    private static final String HOST = "mx1";

    private final Cluster cluster;
    private int messages;

    MailLoad(Cluster cluster) {
        this.cluster = cluster;
    }

    /** Sends at {@code perSecond} messages a second for a while; returns when that is over. */
    void runs(Duration time, int perSecond) throws InterruptedException {
        long start = System.nanoTime();
        long step = TimeUnit.SECONDS.toNanos(1) / perSecond;
        for (int i = 0; i * step < time.toNanos(); i++) {
            long early = start + i * step - System.nanoTime();
            if (early > 0) {
                TimeUnit.NANOSECONDS.sleep(early);
            }
            message();
        }
        cluster.flush();
    }

    void message() {
        String account = "user" + messages % ACCOUNTS + "@my-domain.net";
        String queueId = "Q" + messages;
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        cluster.send(
                Topics.MAIL_EVENTS,
                HOST,
                event("client", 2L * messages, queueId, now)
                        .setService("submission")
                        .setClientIp("192.0.2." + (1 + messages % ACCOUNTS))
                        .setSaslMethod("PLAIN")
                        .setSaslUsername(account)
                        .build());
        cluster.send(
                Topics.MAIL_EVENTS,
                HOST,
                event("queued", 2L * messages + 1, queueId, now)
                        .setFrom(account)
                        .setSize(1000L)
                        .setNrcpt(1L)
                        .build());
        messages++;
    }

    private static MailEvent.Builder event(String kind, long position, String queueId, Instant at) {
        return MailEvent.newBuilder()
                .setKind(kind)
                .setHostId(HOST)
                .setSourceId("load")
                .setGeneration(0)
                .setPosition(position)
                .setOccurredAt(at)
                .setReadAt(at)
                .setQueueId(queueId);
    }

    /** What the submissions topic has to hold when all was processed once, in order. */
    List<String> expected() {
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            expected.add("Q" + i + " ATTEMPT");
            expected.add("Q" + i + " ACCEPTED");
        }
        return expected;
    }

    List<String> seen() {
        return cluster.read(Topics.MAIL_SUBMISSIONS).stream()
                .map(MailLoad::name)
                .toList();
    }

    private static String name(Submission s) {
        return s.getQueueId() + " " + s.getPhase();
    }
}
