package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.block.Block;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.testkit.DovecotHost;
import io.postbrake.testkit.MmdbWriter;
import io.postbrake.wire.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real Dovecot, its log, the detection and the file that it reads. */
@Timeout(240)
class DovecotIT {

    private static final String HOME = "192.0.2.10";
    private static final String ABROAD = "201.91.7.7";
    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("MMM dd HH:mm:ss ", Locale.ENGLISH);

    @TempDir
    private Path dir;

    /** He only reads, and has sent nothing. */
    @Test
    void aThiefWhoReadsFromAbroadIsPutOutAndKeptOutWhileTheOwnersPhoneGoesOn() throws Exception {
        var missing = DovecotHost.missing();
        Assumptions.assumeTrue(missing.isEmpty(), () -> "no real Dovecot here: " + missing.orElseThrow());
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path geo = dir.resolve("places.mmdb");
        MmdbWriter.write(
                geo,
                "GeoLite2-City",
                Map.of(
                        "192.0.2.0/24", place("DE", "Berlin", 52.52, 13.40),
                        "201.91.0.0/16", place("BR", "Sao Paulo", -23.55, -46.63)));
        Path map = dir.resolve("map/blocked.lmdb");
        Path table = dir.resolve("map/blocked-mailboxes");
        try (DovecotHost dovecot = DovecotHost.create(dir.resolve("dovecot"), "ann:{PLAIN}right::::::\n")) {
            Files.writeString(dovecot.log(), twentyDaysAtHome());
            var host = new LocalConfig.Host(
                    "imap1",
                    dovecot.log(),
                    map,
                    null,
                    Map.of(),
                    Map.of(
                            "policy.dovecot",
                            "narrow",
                            "policy.dovecot.doveadm",
                            "/usr/bin/doveadm,-c," + dovecot.configuration()));
            DetectionConfig detection = DetectionConfig.of(Map.of("detectors.unfamiliar-reading.hold", true));
            var config = new LocalConfig(List.of(host), dir.resolve("data"), 0, 0, null, -1, List.of(geo), detection);
            try (LocalStack stack = LocalStack.start(config, part -> {})) {
                Operator.awaits("the detector runs", stack::ready);
                Operator.awaits("the file is there before Dovecot is told of it", () -> Files.exists(table));
                Operator.awaits(
                        "what was before is read",
                        Duration.ofSeconds(60),
                        () -> StackTopics.read(stack, Topics.MAIL_SUBMISSIONS).size() >= 60);
                dovecot.start("""
                        passdb {
                          driver = passwd-file
                          args = username_format=%Ls/%Lu TABLE
                          default_fields = noauthenticate=y
                          result_success = continue
                          result_internalfail = continue
                        }
                        """.replace("TABLE", table.toString()), """
                          override_fields = allow_nets=%{passdb:postbrake_nets:0.0.0.0/0,::/0}
                        """, "");
                try (DovecotHost.Session phone = dovecot.connect(HOME);
                        DovecotHost.Session thief = dovecot.connect(ABROAD)) {
                    assertThat(phone.says("LOGIN ann right")).startsWith("OK");
                    assertThat(thief.says("LOGIN ann right")).startsWith("OK");

                    Operator.awaits("his session ends", Duration.ofSeconds(60), () -> isOver(thief));
                    Operator.awaits("he is kept out", () -> !letsIn(dovecot, ABROAD));

                    assertThat(phone.says("NOOP")).startsWith("OK");
                    assertThat(letsIn(dovecot, HOME)).isTrue();
                }
                assertThat(StackTopics.read(stack, Topics.BLOCKS))
                        .extracting(Block::getAction)
                        .containsOnly("hold");

                Operator.unblocks(stack, "ann");

                Operator.awaits("the operator's word counts there, too", () -> letsIn(dovecot, ABROAD));
            }
        }
    }

    private static boolean isOver(DovecotHost.Session session) {
        try {
            return !session.says("NOOP").startsWith("OK");
        } catch (IOException e) {
            return true;
        }
    }

    private static boolean letsIn(DovecotHost dovecot, String from) {
        try {
            return dovecot.letsIn(from, "ann", "right");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What its log would have of a phone that asks three times a day. */
    private static String twentyDaysAtHome() {
        var lines = new StringBuilder();
        ZonedDateTime now = ZonedDateTime.now();
        for (int day = 20; day > 0; day--) {
            for (int i = 0; i < 3; i++) {
                lines.append(STAMP.format(now.minusDays(day).plusMinutes(i)))
                        .append("imap-login: Info: Login: user=<ann>, method=PLAIN, rip=")
                        .append(HOME)
                        .append(", lip=127.0.0.1, mpid=")
                        .append(100 + i)
                        .append(", session=<p")
                        .append(10 * day + i)
                        .append(">\n");
            }
        }
        return lines.toString();
    }

    private static Map<String, Object> place(String country, String city, double latitude, double longitude) {
        return Map.of(
                "country", Map.of("iso_code", country),
                "city", Map.of("names", Map.of("en", city)),
                "location", Map.of("latitude", latitude, "longitude", longitude, "accuracy_radius", 50));
    }
}
