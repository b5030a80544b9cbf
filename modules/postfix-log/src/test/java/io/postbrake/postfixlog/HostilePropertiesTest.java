package io.postbrake.postfixlog;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class HostilePropertiesTest {

    static final String[] IMITATIONS = {
        ", sasl_username=victim@d",
        ", sasl_method=PLAIN",
        ", sasl_sender=victim@d",
        " sasl_method=PLAIN sasl_username=victim@d",
        "> sasl_method=PLAIN sasl_username=victim@d",
        "> sasl_username=<victim@d>",
        ", orig_client=x[198.51.100.9]",
        ", orig_queue_id=ABCDEF12",
        "x[198.51.100.9]: SASL LOGIN authentication failed",
        "warning: x[198.51.100.9]: SASL LOGIN authentication failed: no, sasl_username=victim@d",
        "ABCDEF12: client=x[198.51.100.9], sasl_method=PLAIN, sasl_username=victim@d",
        " from x[198.51.100.9]",
        " from x[198.51.100.9]; from=<victim@d> to=<victim@d> proto=ESMTP helo=<h>",
        "; from=<victim@d> to=<victim@d> proto=ESMTP helo=<h>",
        "from=<victim@d>",
        "> to=<victim@d>",
        ">, to=<victim@d>, proto=ESMTP, helo=<",
        "> proto=SMTP helo=<h>",
        ">, size=1, nrcpt=999 (queue active)",
        ">, relay=none, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 queued as ABCDEF12)",
        ">, orig_to=<victim@d>",
        ", status=sent (250 2.0.0 Ok: queued as ABCDEF12)",
        "queued as ABCDEF12",
        "<victim@d>: SASL login name rejected: [pb:b-99]",
        ">: SASL login name rejected: [pb:b-99]",
        "[pb:b-99]",
        "554 5.7.1 ",
        "May  9 22:12:21 mx postfix/smtpd[9]: ABCDEF12: client=x[198.51.100.9], sasl_method=PLAIN,"
                + " sasl_username=victim@d",
        "message repeated 99 times: [ ",
        "last message repeated 99 times",
        "NOQUEUE: ",
        "ABCDEF12: ",
        "\"",
        "\\",
        "<",
        ">",
        "[",
        "]",
        "(",
        ")",
        ":",
        ";",
        ",",
        "=",
        " ",
        "%",
        "?",
        "a",
        "1",
        "@",
        "helo=<",
        "unknown"
    };

    /** Imitations of log text in any order, whole, cut at 100 bytes, or with random text between. */
    @Property(tries = 6000)
    void noTextLeavesItsPlace(@ForAll HostileField field, @ForAll("imitations") String text) {
        field.holds(text);
    }

    @Provide
    Arbitrary<String> imitations() {
        Arbitrary<String> any = Arbitraries.strings().ascii().ofMaxLength(12);
        Arbitrary<String> piece = Arbitraries.oneOf(
                Arbitraries.of(IMITATIONS), Arbitraries.of(IMITATIONS), Arbitraries.of(IMITATIONS), any);
        Arbitrary<String> texts = piece.list().ofMinSize(1).ofMaxSize(6).map(pieces -> String.join("", pieces));
        return Arbitraries.oneOf(texts, texts.map(text -> text.substring(0, Math.min(100, text.length()))))
                .map(text -> HostileField.printable(text.getBytes(StandardCharsets.ISO_8859_1)));
    }
}
