package io.postbrake.logtail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JournalExportTest {

    private static final String SEQUENCE = "0123456789abcdef0123456789abcdef";
    private static final int MAX_LINE = 1024;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private JournalSelection selection = new JournalSelection(null, List.of("SYSLOG_FACILITY=2"));

    private JournalExportTest entry(int number, String... fields) throws IOException {
        text("__CURSOR=s=" + SEQUENCE + ";i=" + Integer.toHexString(number) + ";b=" + SEQUENCE + ";m=1;t=2;x=3\n");
        text("__REALTIME_TIMESTAMP=1790000000123456\n");
        for (String field : fields) {
            text(field + "\n");
        }
        return this;
    }

    private JournalExportTest text(String text) throws IOException {
        bytes.write(text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    private JournalExportTest binary(String name, byte[] value) throws IOException {
        text(name + "\n");
        bytes.write(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value.length)
                .array());
        bytes.write(value);
        return text("\n");
    }

    private List<JournalEntry> read() throws IOException {
        var export = new JournalExport(new ByteArrayInputStream(bytes.toByteArray()), selection, MAX_LINE);
        List<JournalEntry> entries = new ArrayList<>();
        for (JournalEntry entry = export.next(); entry != null; entry = export.next()) {
            entries.add(entry);
        }
        return entries;
    }

    private static String text(JournalEntry entry) {
        return new String(entry.line(), StandardCharsets.UTF_8);
    }

    @Test
    void anEntryBecomesTheLineThatSyslogWouldHaveWritten() throws IOException {
        entry(
                        26,
                        "PRIORITY=6",
                        "_HOSTNAME=mx1",
                        "SYSLOG_IDENTIFIER=postfix/smtpd",
                        "_PID=7",
                        "SYSLOG_PID=71",
                        "MESSAGE=hello=there")
                .text("\n");

        List<JournalEntry> entries = read();

        assertThat(entries).singleElement().satisfies(entry -> {
            assertThat(text(entry)).isEqualTo("2026-09-21T14:13:20.123456Z mx1 postfix/smtpd[71]: hello=there");
            assertThat(entry.at()).isEqualTo(new Position("journal-" + SEQUENCE, 0, 26));
            assertThat(entry.length()).isEqualTo(entry.line().length);
        });
    }

    @ParameterizedTest
    @CsvSource({
        "SYSLOG_IDENTIFIER=postfix/smtpd, _UID=0, true",
        "SYSLOG_IDENTIFIER=postfix/smtpd, _UID=999, true",
        "SYSLOG_IDENTIFIER=postfix/smtpd, _UID=1000, false",
        "SYSLOG_IDENTIFIER=postfix/smtpd, _UID=65534, false",
        "SYSLOG_IDENTIFIER=mx9 postfix/smtpd, _UID=0, false",
        "SYSLOG_IDENTIFIER=postfix/smtpd[1]: forged, _UID=0, false",
        "SYSLOG_IDENTIFIER=, _UID=0, false",
        "PRIORITY=6, _UID=0, false",
    })
    void whatNoDaemonWroteIsNoLineButItsPlaceIsKnown(String program, String uid, boolean line) throws IOException {
        entry(5, program, uid, "MESSAGE=hello").text("\n");

        List<JournalEntry> entries = read();

        assertThat(entries).singleElement().satisfies(entry -> {
            assertThat(entry.line().length > 0).isEqualTo(line);
            assertThat(entry.at().offset()).isEqualTo(5);
        });
    }

    @Test
    void theLineEndThatPodmanKeepsIsNoPartOfTheText() throws IOException {
        entry(7, "SYSLOG_IDENTIFIER=mail", "_UID=0", "CONTAINER_ID=9df99608352b")
                .binary("MESSAGE", "postfix/smtpd[7]: sasl_username=ann@example.com\n".getBytes(StandardCharsets.UTF_8))
                .text("\n");

        assertThat(read()).singleElement().satisfies(entry -> {
            assertThat(text(entry)).endsWith(" container: postfix/smtpd[7]: sasl_username=ann@example.com");
            assertThat(entry.length()).isEqualTo(entry.line().length);
        });
    }

    @ParameterizedTest
    @CsvSource({
        "0, false",
        "999, false",
        "1000, true",
        "100000, true",
        "165535, true",
        "165536, false",
        "65534, false",
    })
    void anAccountIsBelievedWhenItIsNamed(String uid, boolean line) throws IOException {
        selection = selection.from(UserIds.of(List.of("1000", "100000-165535")), List.of());
        entry(5, "SYSLOG_IDENTIFIER=postfix/smtpd", "_UID=" + uid, "MESSAGE=hello")
                .text("\n");

        List<JournalEntry> entries = read();

        assertThat(entries)
                .singleElement()
                .satisfies(entry -> assertThat(entry.line().length > 0).isEqualTo(line));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "-1", "5-1", "0-", "0 999", "root", "99999999999"})
    void whatIsNoAccountsNumberIsNamed(String entry) {
        assertThatThrownBy(() -> UserIds.of(List.of(entry)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + entry + "'")
                .hasMessageContaining("0-999");
    }

    @ParameterizedTest
    @CsvSource({
        "SYSLOG_IDENTIFIER=0a1b2c3d4e5f, CONTAINER_ID=0a1b2c3d4e5f, container",
        "SYSLOG_IDENTIFIER=a tag of its own, CONTAINER_ID=0a1b2c3d4e5f, container",
        "PRIORITY=6, CONTAINER_ID=0a1b2c3d4e5f, container",
        "SYSLOG_IDENTIFIER=postfix/smtpd, CONTAINER_ID=0a1b2c3d4e5f, container",
        "SYSLOG_IDENTIFIER=mx, PRIORITY=6, container",
        "SYSLOG_IDENTIFIER=mx2, PRIORITY=6, mx2",
        "SYSLOG_IDENTIFIER=postfix/smtpd, PRIORITY=6, postfix/smtpd",
    })
    void theTextOfAContainerIsPutBehindAContainersName(String identifier, String other, String program)
            throws IOException {
        selection = selection.from(UserIds.of(List.of("0")), List.of("mx"));
        entry(5, identifier, other, "_UID=0", "_HOSTNAME=node", "MESSAGE=postfix/qmgr[7]: 4ABC1: removed")
                .text("\n");

        List<JournalEntry> entries = read();

        assertThat(entries)
                .singleElement()
                .satisfies(entry -> assertThat(text(entry))
                        .isEqualTo(
                                "2026-09-21T14:13:20.123456Z node " + program + ": postfix/qmgr[7]: 4ABC1: removed"));
    }

    /** Docker names all pieces of a long line, Podman all but the last. */
    @Test
    void aPieceOfALongLineIsNoLineAndAnotherContainersIs() throws IOException {
        String container = "CONTAINER_ID=0a1b2c3d4e5f";
        entry(1, container, "CONTAINER_PARTIAL_MESSAGE=true", "MESSAGE=x").text("\n");
        entry(2, "CONTAINER_ID=0a1b2c3d4e50", "MESSAGE=another's").text("\n");
        entry(3, container, "MESSAGE=postfix/qmgr[7]: the rest").text("\n");
        entry(4, container, "MESSAGE=postfix/qmgr[7]: the next").text("\n");
        entry(5, container, "CONTAINER_PARTIAL_ID=f00d", "MESSAGE=postfix/qmgr[7]: the rest")
                .text("\n");

        List<JournalEntry> entries = read();

        assertThat(entries)
                .extracting(entry -> entry.line().length > 0)
                .containsExactly(false, true, false, true, false);
    }

    @Test
    void nobodyCanCutAContainersLineByALieAboutIt() throws IOException {
        String container = "CONTAINER_ID=0a1b2c3d4e5f";
        entry(1, container, "_UID=1000", "CONTAINER_PARTIAL_MESSAGE=true", "MESSAGE=x")
                .text("\n");
        entry(2, container, "_UID=0", "MESSAGE=postfix/qmgr[7]: 4ABC1: removed").text("\n");

        List<JournalEntry> entries = read();

        assertThat(text(entries.get(1))).endsWith("container: postfix/qmgr[7]: 4ABC1: removed");
    }

    @Test
    void aTextCannotBecomeAnotherFieldOrAnotherLine() throws IOException {
        String hostile =
                "a\n\n__CURSOR=s=ffffffffffffffffffffffffffffffff;i=1\nSYSLOG_IDENTIFIER=postfix/qmgr\nMESSAGE=b\r\0";
        entry(5, "SYSLOG_IDENTIFIER=postfix/smtpd")
                .binary("MESSAGE", hostile.getBytes(StandardCharsets.UTF_8))
                .text("\n");
        entry(6, "SYSLOG_IDENTIFIER=postfix/smtpd", "MESSAGE=next").text("\n");

        List<JournalEntry> entries = read();

        assertThat(entries).hasSize(2);
        assertThat(text(entries.get(0)))
                .isEqualTo("2026-09-21T14:13:20.123456Z - postfix/smtpd:"
                        + " a??__CURSOR=s=ffffffffffffffffffffffffffffffff;i=1?"
                        + "SYSLOG_IDENTIFIER=postfix/qmgr?MESSAGE=b??");
        assertThat(text(entries.get(1))).endsWith("next");
    }

    @Test
    void anOverLongTextIsCutAndItsLengthKnown() throws IOException {
        entry(5, "SYSLOG_IDENTIFIER=p", "MESSAGE=" + "x".repeat(100_000), "OTHER=" + "y".repeat(300_000))
                .text("\n");

        List<JournalEntry> entries = read();

        assertThat(entries).singleElement().satisfies(entry -> {
            assertThat(entry.line()).hasSize(MAX_LINE);
            assertThat(entry.length()).isEqualTo(100_000 + "2026-09-21T14:13:20.123456Z - p: ".length());
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "MESSAGE=without cursor\n\n",
                "__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1\n\n",
                "__CURSOR=s=0123456789abcdef0123456789abcdef;i=2\nMESSAGE=no time\n\n",
                "__CURSOR=s=0123456789abcdef0123456789abcdef;i=2\n__REALTIME_TIMESTAMP=1\nMESSAGE=no end",
                "__CURSOR=s=0123456789abcdef0123456789abcdef;i=2\n__REALTIME_TIMESTAMP=1\n",
            })
    void whatIsNoExportIsAnError(String text) throws IOException {
        text(text);

        assertThatThrownBy(this::read).isInstanceOf(IOException.class);
    }

    @Test
    void aLengthThatCannotBeIsAnErrorAndTakesNoMemory() throws IOException {
        entry(5, "SYSLOG_IDENTIFIER=p").text("MESSAGE\n");
        bytes.write(new byte[] {-1, -1, -1, -1, -1, -1, -1, 127});
        text("short");

        assertThatThrownBy(this::read).isInstanceOf(IOException.class);
    }
}
