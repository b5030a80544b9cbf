package io.postbrake.detection.subject;

import io.postbrake.event.Submission;
import io.postbrake.subject.Logins;
import io.postbrake.subject.Nearby;
import io.postbrake.subject.RelaySender;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Keys of the subjects that a submission concerns. */
public final class SubjectKeys {
    public static final String SASL_USER = "sasl_user";
    public static final String CLIENT_IP = "client_ip";
    public static final String CLIENT_NET = "client_net";
    /** A user of a mail host's own whose programs submit mail: {@code UID@HOST}. */
    public static final String LOCAL_USER = "local_user";
    /** An envelope sender of a client nearby that relays without a login: {@code SENDER from CLIENT on HOST}. */
    public static final String RELAY_SENDER = "relay_sender";

    /** An address of a mail host, or of a private network, that accounts log in from: {@code ADDRESS on HOST}. */
    public static final String FRONT_END = "front_end";

    /** What answers the logins of a mail host. */
    public static final String AUTH_SERVER = "auth_server";

    private static final int LONGEST_SENDER = 320;
    /** The address of another server; a socket of the host has a path there. */
    private static final Pattern REMOTE = Pattern.compile("\\[([0-9a-fA-F.:]+)\\](:\\d+)?$");

    /** Before a subject's key, on the topic of words: it is to be forgotten. The word on the subject itself stands beside it. */
    private static final String FORGET = "forget:";

    private static final String ACCOUNT = SASL_USER + ":";
    private static final Set<String> SUBJECTS = Set.of(SASL_USER, CLIENT_IP, CLIENT_NET, LOCAL_USER, RELAY_SENDER);
    /** Key of all accounts together. */
    public static final String FLEET = "fleet:all";

    private SubjectKeys() {}

    /**
     * The subjects that look at a submission; ranges of addresses at failed logins. What became of an authenticated message
     * concerns its account only; of one without a login its client hears when it is accepted, and when it leaves for elsewhere:
     * most of what a server sees is other servers' mail, and nothing else of it is anybody's concern. Loopback and unknown clients
     * are nobody, and a login that failed without anybody's doing is nobody's. What is said of a host's logins altogether concerns its
     * authentication server, or the address that they come from.
     */
    public static List<String> of(Submission s) {
        List<String> keys = new ArrayList<>(2);
        Phase phase = Phase.of(s);
        switch (phase) {
            case AUTH_ERROR -> {
                return keys;
            }
            case AUTH_OUTAGE, AUTH_RESTORED -> {
                return List.of(AUTH_SERVER + ":" + s.getHostId());
            }
            case CLIENTS_HIDDEN -> {
                String place = frontEnd(s);
                return place == null ? keys : List.of(place);
            }
            default -> {
                // Somebody's.
            }
        }
        boolean known = s.getAccount() != null && !s.getAccount().isBlank();
        if (known) {
            keys.add(account(s.getAccount()));
        }
        String sender = known ? null : withoutLogin(s);
        if (sender != null) {
            keys.add(sender);
        }
        boolean concernsClient = switch (phase) {
            case ATTEMPT, LOGIN -> known;
            case ACCEPTED -> !known;
            case OUTCOME ->
                !known && s.getRelay() != null && REMOTE.matcher(s.getRelay()).find();
            default -> true;
        };
        if (concernsClient && addressable(s.getClientIp())) {
            keys.add(client(s.getClientIp()));
        }
        // Of logins and of mail its addresses tell a range once a day.
        if (phase == Phase.AUTH_FAILED) {
            keys.addAll(AddressRanges.around(s.getClientIp()));
        }
        return keys;
    }

    /**
     * Who sends without a login: the local user, or the envelope sender of a client on the host or in a private network whose mail
     * leaves for elsewhere; null for anybody else, such as another server whose mail comes in.
     */
    private static @Nullable String withoutLogin(Submission s) {
        if (s.getLocalUid() != null && Phase.of(s) == Phase.ACCEPTED) {
            return LOCAL_USER + ":" + s.getLocalUid() + "@" + s.getHostId();
        }
        boolean relayed = s.getLocalUid() == null
                && Phase.of(s) == Phase.OUTCOME
                && s.getFrom() != null
                && !s.getFrom().isBlank()
                && s.getFrom().length() <= LONGEST_SENDER
                && nearby(s.getClientIp())
                && remote(s.getRelay());
        return relayed
                ? RELAY_SENDER + ":"
                        + new RelaySender(s.getFrom().toLowerCase(Locale.ROOT), s.getClientIp(), s.getHostId()).name()
                : null;
    }

    private static boolean remote(@Nullable String relay) {
        Matcher ip = relay == null ? null : REMOTE.matcher(relay);
        return ip != null && ip.find() && !nearby(ip.group(1));
    }

    /** Whether the address is the host's own or one of a private network. */
    public static boolean nearby(@Nullable String ip) {
        return ip != null && Nearby.is(ip);
    }

    /** Key of an account. */
    public static String account(String login) {
        return SASL_USER + ":" + Logins.fold(login);
    }

    /** The key of the subject that earlier builds kept under {@code key}: they put logins in lower case, no more. */
    public static String current(String key) {
        if (!key.startsWith(ACCOUNT)) {
            return key;
        }
        String login = key.substring(ACCOUNT.length());
        String folded = Logins.fold(login);
        return folded.equals(login) ? key : ACCOUNT + folded;
    }

    /** Key of where a login nearby comes from; null for one from elsewhere. Two hosts' private networks may have the same addresses. */
    public static @Nullable String frontEnd(Submission login) {
        String ip = login.getClientIp();
        return nearby(ip) ? FRONT_END + ":" + ip + " on " + login.getHostId() : null;
    }

    /** Key of a client address. */
    public static String client(String ip) {
        return CLIENT_IP + ":" + ip.toLowerCase(Locale.ROOT);
    }

    /** The only host that a subject is of, when it sends there without a login; null for all others. */
    public static @Nullable String onlyHostOrNull(String key) {
        if (is(RELAY_SENDER, key)) {
            return RelaySender.of(bare(key)).map(RelaySender::host).orElse(null);
        }
        return is(LOCAL_USER, key) ? key.substring(key.indexOf('@') + 1) : null;
    }

    /** Whether a key is a subject's that operators may speak of: an account, an address, a network, or who sends without a login. */
    public static boolean isSubject(String key) {
        return SUBJECTS.contains(type(key));
    }

    /** The key of the word that has a subject forgotten. */
    public static String forgetting(String subjectKey) {
        return FORGET + subjectKey;
    }

    /** The subject that a word with this key has forgotten; null when it says something else. */
    public static @Nullable String forgottenOrNull(String key) {
        String subject = key.startsWith(FORGET) ? key.substring(FORGET.length()) : key;
        return subject.length() < key.length() && isSubject(subject) ? subject : null;
    }

    /** Whether the key is that of what is told of a host's logins altogether. */
    public static boolean ofHost(String key) {
        return is(AUTH_SERVER, key) || is(FRONT_END, key);
    }

    /** Whether the key is one of this type. */
    public static boolean is(String type, String key) {
        int length = type.length();
        boolean ends = key.length() > length && key.charAt(length) == ':';
        return ends ? key.startsWith(type) : type.equals(SASL_USER) && key.indexOf(':') < 0;
    }

    /** Whether it is the key of this subject. */
    public static boolean names(String key, String type, String subject) {
        return key.length() == type.length() + 1 + subject.length() && is(type, key) && key.endsWith(subject);
    }

    public static String type(String key) {
        int colon = key.indexOf(':');
        return colon < 0 ? SASL_USER : key.substring(0, colon);
    }

    public static String bare(String key) {
        return key.substring(key.indexOf(':') + 1);
    }

    public static boolean addressable(@Nullable String ip) {
        return ip != null && !ip.isBlank() && !ip.equalsIgnoreCase("unknown") && !loopback(ip);
    }

    public static boolean loopback(@Nullable String ip) {
        return ip != null && Nearby.loopback(ip);
    }
}
