package io.postbrake.postfixlog.envelope;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Which fields of a JSON object mean what. Of several names of one role the first that is there counts. */
final class JsonShape {
    private static final int[] NONE = {};
    /** Only rsyslog's templates have these, which people write by hand, and which may not escape what a stranger said. */
    private static final List<String> TEMPLATE =
            List.of("syslogtag", "syslog-tag", "syslog_tag", "programname", "app-name");

    private static final String RECEIVED = "timegenerated";

    /** What a field is. */
    enum Role {
        /** The line, or what follows its header. */
        TEXT,
        /** Program and process as syslog writes them, {@code postfix/smtpd[7]:}. */
        TAG,
        PROGRAM,
        PID,
        HOST,
        TIME,
        /** It is there when a container wrote the text: the container's id. */
        CONTAINER,
        /** Number of the account that wrote to a journal, as journald put it down. */
        UID,
        /** It is there when an engine says that the rest of a container's line is still to come. */
        UNFINISHED,
        /** It is there when an engine says that the text is a piece of a container's line. */
        PIECE
    }

    /** {@code journalctl -o json}, {@code json-sse}, {@code json-seq}. */
    static final JsonShape JOURNAL = new JsonShape()
            .mayBeStreamed()
            .needs("__REALTIME_TIMESTAMP")
            .needs("MESSAGE")
            .is(Role.TEXT, "MESSAGE")
            .is(Role.TIME, "__REALTIME_TIMESTAMP")
            .is(Role.PROGRAM, "SYSLOG_IDENTIFIER")
            .is(Role.PID, "SYSLOG_PID", "_PID")
            .is(Role.HOST, "_HOSTNAME")
            .is(Role.CONTAINER, "CONTAINER_ID", "CONTAINER_ID_FULL")
            .isOfAJournal()
            .isNoTemplate();

    /** GELF: Docker's driver, Graylog's, syslog-ng's and rsyslog's forms of it. */
    static final JsonShape GELF = new JsonShape()
            .needs("version")
            .needs("host")
            .needs("short_message")
            .is(Role.TEXT, "short_message")
            .is(Role.TAG, "_syslogtag")
            .is(Role.PROGRAM, "_application_name", "_program", "_ident", "_appname", "_app_name")
            .is(Role.PID, "_process_id", "_pid", "_procid")
            .is(Role.HOST, "host")
            .is(Role.TIME, "timestamp")
            .is(Role.CONTAINER, "_container_id")
            .isNoTemplate();

    /** rsyslog: {@code %jsonmesg%}, and templates of the names that its documentation uses. */
    static final JsonShape RSYSLOG = new JsonShape()
            .is(Role.TEXT, "msg", "message")
            .is(Role.TAG, "syslogtag", "syslog-tag", "syslog_tag", "tag")
            .is(Role.PROGRAM, "app-name", "programname")
            .is(Role.PID, "procid")
            .is(Role.HOST, "hostname", "sysloghost", "host", "source")
            .is(Role.TIME, "timereported", "timestamp", "@timestamp", "time", "timegenerated")
            .needsProgram()
            .isTemplate();

    /** syslog-ng's {@code $(format-json --scope ...)}. */
    static final JsonShape SYSLOG_NG = new JsonShape()
            .is(Role.TEXT, "MESSAGE", "MSG", "message")
            .is(Role.PROGRAM, "PROGRAM", "program")
            .is(Role.TAG, "LEGACY_MSGHDR")
            .is(Role.PID, "PID", "pid")
            .is(Role.HOST, "HOST", "host")
            .is(Role.TIME, "ISODATE", "S_ISODATE", "R_ISODATE", "UNIXTIME", "DATE", "timestamp")
            .needsProgram()
            .isNoTemplate();

    /** Vector's events: of syslog, the journal, files, containers. */
    static final JsonShape VECTOR = new JsonShape()
            .needs("message")
            .needs("source_type")
            .needs("timestamp")
            .is(Role.TEXT, "message")
            .is(Role.PROGRAM, "appname", "SYSLOG_IDENTIFIER")
            .is(Role.PID, "procid", "SYSLOG_PID", "_PID")
            .is(Role.HOST, "hostname", "host", "_HOSTNAME")
            .is(Role.TIME, "timestamp")
            .is(Role.CONTAINER, "CONTAINER_ID", "CONTAINER_ID_FULL")
            .isOfAJournal()
            .isNoTemplate();

    /** Fluent Bit and Fluentd: of syslog, the journal, files, containers. */
    static final JsonShape FLUENT = new JsonShape()
            .is(Role.TEXT, "message", "log", "MESSAGE")
            .is(Role.PROGRAM, "ident", "SYSLOG_IDENTIFIER")
            .is(Role.PID, "pid", "SYSLOG_PID", "_PID")
            .is(Role.HOST, "host", "_HOSTNAME")
            .is(Role.TIME, "time", "@timestamp", "date", "timestamp")
            .is(Role.CONTAINER, "container_id", "CONTAINER_ID", "CONTAINER_ID_FULL")
            .isOfAJournal()
            .isNoTemplate();

    private final List<String> names = new ArrayList<>();
    private final Map<Role, int[]> fields = new EnumMap<>(Role.class);
    private int required;
    private boolean streamed;
    private boolean namesProgram;
    private boolean template;
    private int[] shunned = NONE;

    private JsonShape needs(String name) {
        index(name);
        required = names.size();
        return this;
    }

    private JsonShape is(Role role, String... candidates) {
        fields.put(role, Arrays.stream(candidates).mapToInt(this::index).toArray());
        return this;
    }

    /** What journald and container engines put down beside a text may be among the fields. */
    private JsonShape isOfAJournal() {
        return is(Role.UID, "_UID")
                .is(Role.UNFINISHED, "CONTAINER_PARTIAL_MESSAGE")
                .is(Role.PIECE, "CONTAINER_PARTIAL_ID");
    }

    /** A text without the program that wrote it is none of it. */
    private JsonShape needsProgram() {
        namesProgram = true;
        return this;
    }

    /** Fields that contradict each other count for nothing: one of them may be a stranger's. */
    private JsonShape isTemplate() {
        template = true;
        return this;
    }

    /** What a stranger adds to a template's object must not make one of this shape of it. */
    private JsonShape isNoTemplate() {
        shunned = TEMPLATE.stream().mapToInt(this::index).toArray();
        return this;
    }

    private JsonShape mayBeStreamed() {
        streamed = true;
        return this;
    }

    private int index(String name) {
        int known = names.indexOf(name);
        if (known >= 0) {
            return known;
        }
        names.add(name);
        return names.size() - 1;
    }

    String[] names() {
        return names.toArray(String[]::new);
    }

    /** Whether a server-sent event's or a record separator's mark may stand before the object. */
    boolean streamed() {
        return streamed;
    }

    boolean isWhole(Wrapped line, JsonFields read) {
        for (int i = 0; i < required; i++) {
            if (!read.has(i)) {
                return false;
            }
        }
        for (int field : shunned) {
            if (read.has(field)) {
                return false;
            }
        }
        if (template && (contradicts(read) || hasOtherTime(line, read))) {
            return false;
        }
        boolean program = first(Role.TAG, read) >= 0 || first(Role.PROGRAM, read) >= 0;
        return first(Role.TEXT, read) >= 0 && (program || !namesProgram);
    }

    /** Whether there are two texts, or a tag of another program or process than the one that is named. */
    private boolean contradicts(JsonFields read) {
        int text = first(Role.TEXT, read);
        for (int field : fields(Role.TEXT)) {
            if (read.has(field) && !read.isSame(field, text)) {
                return true;
            }
        }
        String tag = read.string(first(Role.TAG, read));
        String program = read.string(first(Role.PROGRAM, read));
        if (tag != null
                && !tag.isBlank()
                && program != null
                && !program.equals("-")
                && !tag.strip().startsWith(program)) {
            return true;
        }
        long pid = read.number(first(Role.PID, read));
        long tagged = tag == null ? -1 : JsonEnvelope.pid(tag);
        return pid >= 0 && tagged >= 0 && pid != tagged;
    }

    /**
     * Whether there are two times that differ, or the one that counts is none though there is another. When rsyslog got the line
     * may be told beside when it was written, but what stands behind a text that was not escaped may be a stranger's.
     */
    private boolean hasOtherTime(Wrapped line, JsonFields read) {
        int counts = first(Role.TIME, read);
        if (counts < 0) {
            return false;
        }
        long time = JsonEnvelope.time(line, read, counts);
        for (int field : fields(Role.TIME)) {
            boolean received = names.get(field).equals(RECEIVED) && !read.isBehind(counts, first(Role.TEXT, read));
            if (field == counts || received) {
                continue;
            }
            long other = JsonEnvelope.time(line, read, field);
            boolean differs = time == Wrapped.NO_STAMP || Math.abs(other - time) >= 1_000;
            if (other != Wrapped.NO_STAMP && differs) {
                return true;
            }
        }
        return false;
    }

    /** Whether a field stands where a stranger's text would put it that a template did not escape: behind that text. */
    boolean mayBeAStrangers(int field, JsonFields read) {
        return template && read.isBehind(field, first(Role.TEXT, read));
    }

    private int[] fields(Role role) {
        return fields.getOrDefault(role, NONE);
    }

    /** Number of the first field of the role that was read, or -1. */
    int first(Role role, JsonFields read) {
        for (int field : fields(role)) {
            if (read.has(field)) {
                return field;
            }
        }
        return -1;
    }
}
