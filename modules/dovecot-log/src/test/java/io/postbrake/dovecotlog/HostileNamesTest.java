package io.postbrake.dovecotlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.event.MailEvent;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names, passwords and mechanisms are the client's: none of them becomes another field, or another's address. */
class HostileNamesTest {
    private static final String TRUE = ">, method=PLAIN, rip=198.51.100.7, lip=192.0.2.10, TLS, session=<kk2y0PNB>";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a, rip=6.6.6.6",
                "a>, method=PLAIN, rip=6.6.6.6, lip=1.1.1.1, TLS, session=<x>",
                ">, method=PLAIN, rip=6.6.6.6",
                "a: user=<victim@example.com>, method=PLAIN, rip=6.6.6.6",
                "session=<x>",
                "a) (auth_failed): user=<b",
                "secured, TLS",
                "\"quoted name\"@example.com",
                "rip=6.6.6.6, lip=6.6.6.6"
            })
    void aNameIsNoOtherField(String name) {
        for (String head : new String[] {
            "imap-login: Info: Login: user=<",
            "imap-login: Info: Login aborted: Logged out (auth failed, 1 attempts in 1 secs) (auth_failed): user=<",
            "pop3-login: Info: Disconnected (auth failed, 1 attempts in 1 secs): user=<",
            "imap-login: Info: proxy(" + name + ",10.0.0.3:143): Started proxying to <10.0.0.3> (0.052 secs): user=<"
        }) {
            MailEvent e = Read.ownLog(head + name + TRUE);
            assertThat(e.getSaslUsername()).isEqualTo(name);
            assertThat(e.getClientIp()).isEqualTo("198.51.100.7");
            assertThat(e.getSession()).isEqualTo("kk2y0PNB");
        }
    }

    /** Each of its many ends has to be compared with the beginning: the whole of that took minutes, so that the line is given up. */
    @Test
    void aNameThatRepeatsItselfIsGivenUp() {
        String name = ": user=<,".repeat(100_000);

        String line = "imap-login: Info: proxy(" + name + "x" + name + ",10.0.0.3:143): Started proxying to <10.0.0.3>"
                + " (0.052 secs): user=<" + name + TRUE;

        assertThat(Read.ownLog(line)).isNull();
    }

    @Property(tries = 3000)
    void whateverTheNameTheServersFieldsAreTheServers(@ForAll("names") String name) {
        MailEvent e = Read.ownLog("imap-login: Info: Login: user=<" + name + TRUE);

        assertThat(e.getClientIp()).isEqualTo("198.51.100.7");
        assertThat(e.getLocalIp()).isEqualTo("192.0.2.10");
        assertThat(e.getSession()).isEqualTo("kk2y0PNB");
        assertThat(e.getSaslUsername()).isEqualTo(name.isEmpty() ? null : name);
    }

    @Property(tries = 3000)
    void aReasonNamesTheRightOneOrNobody(@ForAll("names") String name, @ForAll("names") String password) {
        for (String line : new String[] {
            "auth: Info: passwd-file(%s,198.51.100.7,<kk2y0PNB>): unknown user (given password: %s)",
            "auth(%s,198.51.100.7,sasl:plain)<kk2y0PNB>: Info: users: unknown user (given password: %s)"
        }) {
            MailEvent e = Read.syslog(String.format(line, name, password));
            if (e != null) {
                assertThat(e.getClientIp()).isEqualTo("198.51.100.7");
                assertThat(e.getSaslUsername()).isEqualTo(name.isEmpty() ? null : name);
                assertThat(e.getReason()).isEqualTo("unknown user");
            }
        }
    }

    /** {@code imap_id_log}: the client may call itself what the end of a connection looks like. */
    @Test
    void whatAClientSaysOfItselfIsNoFailure() {
        assertThat(Read.ownLog("imap-login: Info: ID sent: name=a (auth failed, 999999999 attempts in 1 secs): user=<a"
                        + TRUE))
                .isNull();
    }

    @Test
    void anIpv4AddressIsWrittenAsOne() {
        MailEvent e = Read.ownLog(
                "imap-login: Info: Login: user=<a>, method=PLAIN, rip=::ffff:198.51.100.7, lip=::ffff:192.0.2.10, TLS, session=<x>");

        assertThat(e.getClientIp()).isEqualTo("198.51.100.7");
        assertThat(e.getLocalIp()).isEqualTo("192.0.2.10");
    }

    /** Without an address that the client did not write nothing is believed. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "imap-login: Info: Login: rip=198.51.100.7, user=<a, rip=6.6.6.6>",
                "imap-login: Info: Login: user=<a>, method=PLAIN, lip=192.0.2.10, TLS, session=<x>",
                "imap-login: Info: Login: user=<bob>, method=PLAIN, rip=203.0.113.9, lip=192.0.2.1, session=<s, rip=6.6.6.6>x>",
                "imap-login: Info: Login: user=<a>, method=PLAIN, rip=, lip=192.0.2.10",
                "imap-login: Info: Login",
                "imap-login: Info: Login: user=<a",
                "imap-login: ",
                "auth: Info: passwd-file(a",
                "auth-worker(",
                "auth(",
                "auth(): ",
                "auth: "
            })
    void aLineThatIsNotWholeIsNotRead(String line) {
        assertThat(Read.ownLog(line + (line.contains(": ") ? "" : ": "))).isNull();
    }

    @Property(tries = 3000)
    void noLineThrows(@ForAll("names") String one, @ForAll("names") String other) {
        for (String head :
                new String[] {"imap-login: ", "imap-login: Login: user=<", "auth: ", "auth(", "auth-worker(1): "}) {
            Read.syslog(head + one + other);
            Read.syslog(head + one + ": user=<" + other + ">, rip=1.2.3.4");
        }
    }

    @Provide
    Arbitrary<String> names() {
        Arbitrary<String> piece = Arbitraries.oneOf(
                Arbitraries.of(
                        ">",
                        "<",
                        ", ",
                        ",",
                        "rip=6.6.6.6",
                        "lip=6.6.6.6",
                        "method=LOGIN",
                        "session=<x>",
                        "): ",
                        ": ",
                        " (",
                        ")",
                        "user=<",
                        "TLS",
                        "master",
                        "sasl:plain",
                        ",6.6.6.6,<s>): unknown user",
                        "\"",
                        "unknown user"),
                Arbitraries.strings().withCharRange(' ', '~').ofMaxLength(5));
        return piece.list().ofMaxSize(6).map(all -> String.join("", all)).filter(n -> n.length() < 60);
    }
}
