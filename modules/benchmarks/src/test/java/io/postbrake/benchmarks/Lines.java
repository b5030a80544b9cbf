package io.postbrake.benchmarks;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;

/** Log lines as a submission server writes them. */
final class Lines {

    private static final DateTimeFormatter STAMP = new DateTimeFormatterBuilder()
            .appendPattern("MMM ")
            .padNext(2)
            .appendValue(ChronoField.DAY_OF_MONTH)
            .appendPattern(" HH:mm:ss")
            .toFormatter(Locale.ENGLISH)
            .withZone(ZoneId.systemDefault());

    private Lines() {}

    /** One accepted message of an account that logs in from an address; eight lines. */
    static List<String> message(Instant at, long n, String account, String ip) {
        String stamp = STAMP.format(at) + " mx postfix/";
        String id = String.format(Locale.ROOT, "%09X", n);
        String pid = "[" + (2000 + n % 50) + "]: ";
        return List.of(
                stamp + "submission/smtpd" + pid + "connect from unknown[" + ip + "]",
                stamp + "submission/smtpd" + pid + id + ": client=unknown[" + ip
                        + "], sasl_method=PLAIN, sasl_username=" + account,
                stamp + "cleanup[2100]: " + id + ": message-id=<" + n + "@laptop.example>",
                stamp + "qmgr[944]: " + id + ": from=<" + account + ">, size=" + (1500 + n % 9000)
                        + ", nrcpt=1 (queue active)",
                stamp + "submission/smtpd" + pid + "disconnect from unknown[" + ip
                        + "] ehlo=2 starttls=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=8",
                stamp + "smtp[2300]: Untrusted TLS connection established to mx.example.com[198.51.100.7]:25:"
                        + " TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
                stamp + "smtp[2300]: " + id + ": to=<someone" + n % 977
                        + "@example.com>, relay=mx.example.com[198.51.100.7]:25, delay=1.1,"
                        + " delays=0.6/0.01/0.2/0.3, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4B35D)",
                stamp + "qmgr[944]: " + id + ": removed");
    }

    /** A login that failed. */
    static String failure(Instant at, String ip, String account) {
        return STAMP.format(at) + " mx postfix/submission/smtpd[2001]: warning: unknown[" + ip
                + "]: SASL LOGIN authentication failed: authentication failure, sasl_username=" + account;
    }
}
