package io.postbrake.policysink;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.postfixlog.LineOrigin;
import io.postbrake.postfixlog.PostfixLogParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A message that the client took back waits nowhere, whatever it was to be held for. */
class CanceledMessageTest {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final String LOGIN = ", sasl_method=PLAIN, sasl_username=ann@my-domain.net";
    private static final String HELD =
            "NOQUEUE: hold: RCPT from unknown[192.0.2.7]: <ann@my-domain.net>: SASL login name"
                    + " waits [pb:k7f2]; from=<ann@my-domain.net> to=<x@example.org> proto=ESMTP helo=<h>"
                    + " sasl_method=PLAIN sasl_username=ann@my-domain.net";

    @TempDir
    private Path dir;

    private final QueueIndex index = new QueueIndex(100);
    /** How many messages of the account are held, as it is told. */
    private final BlockingQueue<Integer> told = new LinkedBlockingQueue<>();

    private final PostfixLogParser parser = new PostfixLogParser(ZoneOffset.UTC, null);
    private QueueKeeper keeper;

    @BeforeEach
    void begin() throws IOException {
        keeper = new QueueKeeper(
                List.of(),
                index,
                new HeldMail(dir.resolve("held")),
                account -> true,
                Clock.fixed(NOON, ZoneOffset.UTC),
                (account, held, counts) -> told.add(held.size()));
    }

    @AfterEach
    void end() {
        keeper.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"removed (canceled)", "removed (discarded)", "removed"})
    void aHeldMessageThatNeverWasIsNotHeldAnyMore(String end) throws Exception {
        logged("submission/smtpd", HELD);
        logged("submission/smtpd", "4B35D0A1: client=unknown[192.0.2.7]" + LOGIN);
        assertThat(told.poll(30, TimeUnit.SECONDS)).isEqualTo(1);

        logged("cleanup", "4B35D0A1: " + end);

        assertThat(told.poll(30, TimeUnit.SECONDS)).isZero();
        assertThat(index.of("ann@my-domain.net")).isEmpty();
    }

    @Test
    void anotherMessageOfTheAccountStays() throws Exception {
        logged("submission/smtpd", "4B35D0A1: client=unknown[192.0.2.7]" + LOGIN);
        logged("submission/smtpd", "4B35D0A2: client=unknown[192.0.2.7]" + LOGIN);

        logged("cleanup", "4B35D0A1: removed (canceled)");

        assertThat(index.of("ann@my-domain.net")).containsExactly("4B35D0A2");
    }

    private void logged(String service, String text) {
        byte[] line =
                ("2026-03-01T12:00:00Z mx1 postfix/" + service + "[7]: " + text).getBytes(StandardCharsets.US_ASCII);
        keeper.logged(parser.parse(line, 0, line.length, new LineOrigin("mx1", "own-log", 0, 0, NOON)));
    }
}
