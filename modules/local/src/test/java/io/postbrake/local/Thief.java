package io.postbrake.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/** Somebody who uses another's account. */
final class Thief {

    static final String ACCOUNT = "user@my-domain.net";

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSxxx").withZone(ZoneId.of("UTC"));

    private Thief() {}

    /** A message every six seconds, the last one now. */
    static void steals(Path log, int messages) throws IOException {
        var lines = new StringBuilder();
        Instant start = Instant.now().minusSeconds(6L * messages);
        for (int i = 0; i < messages; i++) {
            String head = STAMP.format(start.plusSeconds(6L * i)) + " mx postfix/";
            String id = "A" + (1000 + i) + "B35D";
            lines.append(head)
                    .append("submission/smtpd[12]: ")
                    .append(id)
                    .append(": client=unknown[201.91.101.26], sasl_method=PLAIN, sasl_username=")
                    .append(ACCOUNT)
                    .append('\n');
            lines.append(head)
                    .append("qmgr[13]: ")
                    .append(id)
                    .append(": from=<a@b.example>, size=18836, nrcpt=1 (queue active)\n");
        }
        Files.writeString(log, lines, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
    }
}
