package io.postbrake.detection.profile;

import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.subject.EventTime;
import io.postbrake.detection.subject.Ids;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.Submission;
import io.postbrake.finding.Evidence;
import io.postbrake.finding.Finding;
import io.postbrake.geo.PlaceUncertainty;
import io.postbrake.state.Bucket;
import io.postbrake.state.KnownCountry;
import io.postbrake.state.KnownNetwork;
import io.postbrake.state.Place;
import io.postbrake.state.RateScale;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What is remembered of one subject, with the folding of an event into it. Detectors only read it. */
public final class Profile {
    private static final int MAX_COUNTRIES = 20;
    private static final int MAX_LOGINS = 20;
    private static final int MAX_REFUSED = 200;
    private static final int MAX_NETWORKS = 6;
    /** Some bits are enough to give what happened at once an order. */
    private static final int PLACE_ORDER_SHIFT = 40;

    /** So unlikely a silence at home, in nats, says that the account's mail comes from elsewhere now. */
    private static final double MOVED = 2;

    private static final double RARE_DAY = 0.05;

    private static final Duration SETTLED = Duration.ofDays(1);
    /** Order of event time; what happened at once has an order too, the same wherever it arrives first. */
    private static final Comparator<Submission> ORDER = Comparator.comparing(Submission::getOccurredAt)
            .thenComparing(Submission::getHostId)
            .thenComparing(Submission::getSourceId)
            .thenComparing(Submission::getGeneration)
            .thenComparing(Submission::getPosition);

    private static final Comparator<Place> PLACES =
            Comparator.comparing(Place::getAt).thenComparingLong(Place::getOrder);

    public final SubjectState state;
    private final DetectionConfig config;
    private final boolean account;
    private final boolean client;
    private final Origins origins;
    /** The event whose names were asked for last, which all detectors ask about. */
    private Submission asked;

    private String origin;
    private String program;
    /** Whether the following are known of that event; they hold until it is folded in. */
    private boolean judged;

    private boolean history;
    private boolean settled;
    private boolean programSettled;

    public Profile(SubjectState state, DetectionConfig config) {
        this.state = state;
        this.config = config;
        account = SubjectKeys.is(SubjectKeys.SASL_USER, state.getSubjectKey());
        client = SubjectKeys.is(SubjectKeys.CLIENT_IP, state.getSubjectKey());
        origins = new Origins(state);
    }

    public DetectionConfig config() {
        return config;
    }

    /** Key of the subject. */
    public String subjectKey() {
        return state.getSubjectKey();
    }

    public boolean account() {
        return account;
    }

    public boolean client() {
        return client;
    }

    /** Name of the network that a submission comes from; null when nothing is known of it. */
    public String origin(Submission e) {
        name(e);
        return origin;
    }

    private void name(Submission e) {
        if (e != asked) {
            asked = e;
            origin = Origins.name(e);
            program = Programs.name(e);
            judged = false;
        }
    }

    /** Whether the account's own history is long enough for novelty to mean something. */
    public boolean experienced() {
        return state.getActiveDays() >= config.historyDays() && state.getMessages() >= config.historyMessages();
    }

    private KnownCountry country(String code) {
        for (KnownCountry known : state.getUsual()) {
            if (known.getCode().equals(code)) {
                return known;
            }
        }
        return null;
    }

    /** Whether the country is normal for the account. */
    public boolean usualCountry(String code) {
        return country(code) != null;
    }

    /** Countries that are normal for the account, the most recently used last. */
    public List<String> countries() {
        return state.getUsual().stream().map(KnownCountry::getCode).toList();
    }

    public long messagesInHour(Instant at) {
        return Buckets.most(state.getMinutes(), EventTime.minute(at), Buckets.MINUTES, Bucket::getMessages);
    }

    public long messagesInDay(Instant at) {
        return Buckets.most(state.getHours(), EventTime.hour(at), Buckets.HOURS, Bucket::getMessages);
    }

    public long recipientsInHour(Instant at) {
        return Buckets.most(state.getMinutes(), EventTime.minute(at), Buckets.MINUTES, Bucket::getRecipients);
    }

    public long recipientsInDay(Instant at) {
        return Buckets.most(state.getHours(), EventTime.hour(at), Buckets.HOURS, Bucket::getRecipients);
    }

    public Origins origins() {
        return origins;
    }

    Programs programs() {
        return new Programs(state);
    }

    public Habits habits() {
        return new Habits(state);
    }

    /** Days with mail before the day of {@code at}. */
    private long earlierDays(Instant at) {
        return Origins.daysBefore(at, state.getActiveDays(), state.getNewestDay(), state.getDayBefore());
    }

    /** Whether an account that has a history is not at home where the event comes from, or does not use what sent it. */
    public boolean strange(Submission e) {
        return judged(e) && (!settled || !programSettled);
    }

    /** Whether the event comes from where an account that has a history is not at home. */
    public boolean abroad(Submission e) {
        return judged(e) && !settled;
    }

    /** Whether the account has a history; if so, what is usual for it is known afterwards. */
    private boolean judged(Submission e) {
        name(e);
        if (!judged) {
            judged = true;
            Instant at = e.getOccurredAt();
            history = earlierDays(at) >= config.historyDays();
            settled = history && origins.settled(origin, at);
            programSettled = history && programs().settled(program, at);
        }
        return history;
    }

    /** Whether the fleet is to be asked about a network: when it is new, and daily until it knows while there is no history. */
    public boolean asksAbout(String origin, Instant at) {
        return origins().isNew(origin, at, !experienced());
    }

    /** Whether what the fleet was told of a network is to be corrected, because an earlier attempt arrived later. */
    public boolean corrects(String origin, Instant at) {
        return origins().earlier(origin, at, !experienced());
    }

    /** How strange the place of the event is for an account that has a history: a log-likelihood ratio, in nats. */
    public double strangeness(Submission e) {
        return abroad(e) ? origins.weight(origin(e), e.getOccurredAt()) : 0;
    }

    /** What the silence at home says for the owner, in nats, see {@link Silence}. */
    public double silence(Submission e) {
        return new Silence(state, habits()).weight(e.getOccurredAt());
    }

    /** Whether the silence at home explains as many messages from elsewhere. */
    public boolean missed(long messages, Submission e) {
        return new Silence(state, habits()).explains(messages, e.getOccurredAt());
    }

    /** The same for the program. */
    public double strangenessOfProgram(Submission e) {
        Instant at = e.getOccurredAt();
        return judged(e) ? programs().weight(program, at) : 0;
    }

    /** Event time of the newest thing that is known of the subject. */
    public Instant newest() {
        return state.getLastSeenAt();
    }

    /** Attempts since the block in force began, within the day up to {@code at}. */
    public long attemptsUnderBlock(Instant at) {
        return Rings.most(state.getUnderBlock(), EventTime.hour(at), Rings.HOURS);
    }

    /** Messages on a usual day of activity; none for an account without history. */
    public double usualPerDay() {
        return state.getActiveDays() == 0 ? 0 : (double) state.getMessages() / state.getActiveDays();
    }

    /** Whether a day with as many messages or more is no rarity for the account. */
    private boolean usualForDay(long messages, Instant at) {
        if (messages <= usualPerDay()) {
            return true;
        }
        Rates.Open day = Rates.day(state.getRates(), at);
        return day != null && day.tail(1, messages) >= RARE_DAY;
    }

    public Residents residents() {
        return new Residents(state);
    }

    public Guesses guesses() {
        return new Guesses(state);
    }

    /** Folds the event in before the detectors look, except for what they compare it with. */
    public void countBefore(Submission e) {
        Instant at = e.getOccurredAt();
        if (e.getPhase().equals("ACCEPTED") && account()) {
            long recipients = e.getRecipients() == null ? 1 : Math.max(1, e.getRecipients());
            Bucket minute = Buckets.at(state.getMinutes(), EventTime.minute(at), Buckets.MINUTES);
            Bucket hour = Buckets.at(state.getHours(), EventTime.hour(at), Buckets.HOURS);
            count(minute, recipients);
            count(hour, recipients);
            boolean strange = strange(e);
            countHome(minute, hour, strange);
            Rates.count(state.getRates(), at, config.memoryWindows(), !held(e) && !strange, strange);
            habits().sent(e, hour, held(e) || abroad(e));
        } else if (e.getPhase().equals("OUTCOME") && account()) {
            boolean bounced = "bounced".equals(e.getStatus()) || "expired".equals(e.getStatus());
            if (bounced || "sent".equals(e.getStatus())) {
                habits().delivered(e, Buckets.at(state.getHours(), EventTime.hour(at), Buckets.HOURS), bounced);
                Habits.delivered(Buckets.at(state.getMinutes(), EventTime.minute(at), Buckets.MINUTES), bounced);
            }
        } else if (e.getPhase().equals("ATTEMPT") || e.getPhase().equals("REFUSED")) {
            if (account() && state.getBlock() != null) {
                countUnderBlock(e);
            }
            if (account() && e.getPhase().equals("REFUSED")) {
                Bucket minute = Buckets.at(state.getMinutes(), EventTime.minute(at), Buckets.MINUTES);
                countHome(minute, Buckets.at(state.getHours(), EventTime.hour(at), Buckets.HOURS), strange(e));
            }
        } else if (e.getPhase().equals("AUTH_FAILED")) {
            guesses().count(at, client() ? e.getAccount() : e.getClientIp(), e.getRepeats());
        } else if (e.getPhase().equals("AUTH_UNANSWERED") && client()) {
            guesses().unanswered(at, e.getRepeats());
        }
    }

    /** Whether the event tells of a password that was tried, and was not the right one as far as anybody knows. */
    public boolean guessed(Submission e) {
        return switch (e.getPhase()) {
            case "AUTH_FAILED" -> true;
            case "AUTH_UNANSWERED" -> client() && guesses().attempted(e.getOccurredAt());
            default -> false;
        };
    }

    private static void count(Bucket bucketOrNull, long recipients) {
        if (bucketOrNull != null) {
            bucketOrNull.setMessages(bucketOrNull.getMessages() + 1);
            bucketOrNull.setRecipients(bucketOrNull.getRecipients() + recipients);
        }
    }

    private static void countHome(Bucket minuteOrNull, Bucket hourOrNull, boolean strange) {
        if (minuteOrNull != null && !strange) {
            minuteOrNull.setHome(minuteOrNull.getHome() + 1);
        }
        if (hourOrNull != null && !strange) {
            hourOrNull.setHome(hourOrNull.getHome() + 1);
        }
    }

    /** One for each message: not for its further recipients, nor for a program's retry of what was refused for a while. */
    private void countUnderBlock(Submission e) {
        if (e.getPhase().equals("REFUSED")) {
            long second = e.getOccurredAt().getEpochSecond();
            boolean again = second == state.getRefusedSecond() || e.getQueueId() != null;
            boolean retry = e.getReplyCode() != null && e.getReplyCode() < 500 && !refusedFirst(e.getTo());
            if (again || retry) {
                return;
            }
            state.setRefusedSecond(second);
        }
        if (state.getUnderBlock() == null) {
            state.setUnderBlock(Rings.empty(Rings.HOURS));
        }
        Rings.add(state.getUnderBlock(), EventTime.hour(e.getOccurredAt()), 1);
    }

    private boolean refusedFirst(String to) {
        List<Long> known = state.getRefusedTo();
        long hash = Ids.of("recipient", to).getMostSignificantBits();
        if (known.contains(hash)) {
            return false;
        }
        known.add(hash);
        if (known.size() > MAX_REFUSED) {
            known.remove(0);
        }
        return true;
    }

    /** A block begins or its evidence is spent: attempts under it are counted anew. */
    public void forgetAttempts() {
        state.setUnderBlock(null);
        state.getRefusedTo().clear();
        state.setRefusedSecond(0);
    }

    /** Folds in what the detectors compared the event with; whether it began another day with mail of the account. */
    public boolean countAfter(Submission e) {
        judged = false;
        boolean anotherDay = false;
        if (account() && e.getPhase().equals("ACCEPTED") && !held(e)) {
            state.setMessages(state.getMessages() + 1);
            anotherDay = countDay(Math.floorDiv(e.getOccurredAt().getEpochSecond(), 86_400L));
            if (e.getCountry() != null) {
                countCountry(e);
            }
            if (e.getClientIp() != null) {
                countNetwork(Networks.prefix(e.getClientIp()), e.getOccurredAt());
            }
            origins.sent(origin(e), e.getOccurredAt());
            if (!blockedAt(e.getOccurredAt())) {
                origins.attempted(origin(e), e.getOccurredAt(), !experienced());
                origins.used(origin(e), e.getOccurredAt());
                programs().used(e);
            } else if (blockedToday(e.getOccurredAt())) {
                origins.usedAgain(origin(e), e.getOccurredAt());
                programs().usedAgain(e);
            }
        } else if (account() && e.getPhase().equals("ATTEMPT")) {
            origins.attempted(origin(e), e.getOccurredAt(), !experienced());
            Place place = place(e);
            if (place != null && (state.getLastPlace() == null || PLACES.compare(state.getLastPlace(), place) < 0)) {
                state.setLastPlace(place);
            }
        } else if (client() && e.getPhase().equals("ATTEMPT") && e.getAccount() != null) {
            residents().loggedIn(e.getAccount(), e.getOccurredAt());
            state.getRecentLogins().add(e);
            state.getRecentLogins().sort(ORDER);
        }
        if (!state.getRecentLogins().isEmpty()) {
            Instant oldest = state.getLastSeenAt().minus(config.lateness());
            state.getRecentLogins().removeIf(l -> l.getOccurredAt().isBefore(oldest));
            while (state.getRecentLogins().size() > MAX_LOGINS) {
                state.getRecentLogins().remove(0);
            }
        }
        return anotherDay;
    }

    /** Where the event came from; null when that is not known. */
    public static Place place(Submission e) {
        if (e.getLatitude() == null || e.getLongitude() == null) {
            return null;
        }
        Place place = new Place();
        place.setAt(e.getOccurredAt());
        place.setOrder(Ids.of(e.getHostId(), e.getSourceId(), e.getGeneration(), e.getPosition())
                        .getMostSignificantBits()
                >>> PLACE_ORDER_SHIFT);
        place.setLatitude(e.getLatitude().floatValue());
        place.setLongitude(e.getLongitude().floatValue());
        place.setRadiusKm((float) PlaceUncertainty.km(e.getRadiusKm(), e.getCity()));
        place.setOrigin(Origins.name(e));
        place.setCity(e.getCity() == null || e.getCity().isBlank() ? e.getCountry() : e.getCity());
        return place;
    }

    private boolean blockedAt(Instant at) {
        return state.getBlockUntil() != null && at.isBefore(state.getBlockUntil());
    }

    /** The block's own day counts for what the account used before, so that arrivals out of order about its beginning agree. */
    private boolean blockedToday(Instant at) {
        return EventTime.day(at) <= state.getBlockedDay();
    }

    private boolean countDay(long day) {
        if (day > state.getNewestDay()) {
            state.setDayBefore(state.getNewestDay());
            state.setNewestDay(day);
        } else if (day < state.getNewestDay() && day > state.getDayBefore()) {
            state.setDayBefore(day);
        } else {
            return false;
        }
        state.setActiveDays(state.getActiveDays() + 1);
        return true;
    }

    private void countNetwork(String prefix, Instant at) {
        boolean blocked = blockedAt(at);
        List<KnownNetwork> networks = state.getNetworks();
        KnownNetwork known = network(prefix);
        if (known == null) {
            if (blocked) {
                return;
            }
            networks.add(new KnownNetwork(prefix, EventTime.hour(at), EventTime.hour(at)));
        } else {
            known.setFirstHour(Math.min(known.getFirstHour(), EventTime.hour(at)));
            known.setLastHour(Math.max(known.getLastHour(), EventTime.hour(at)));
            if (known == networks.get(networks.size() - 1)) {
                // It was the newest, and is.
                return;
            }
        }
        networks.sort(Comparator.comparing(KnownNetwork::getLastHour).thenComparing(KnownNetwork::getPrefix));
        if (networks.size() > MAX_NETWORKS) {
            networks.remove(0);
        }
    }

    private KnownNetwork network(String prefix) {
        for (KnownNetwork known : state.getNetworks()) {
            if (known.getPrefix().equals(prefix)) {
                return known;
            }
        }
        return null;
    }

    /** Whether the account has sent from the neighbourhood of this address for a day or longer. */
    public boolean atHome(String ip, Instant at) {
        if (ip == null) {
            return false;
        }
        String prefix = Networks.prefix(ip);
        long since = EventTime.hour(at.minus(SETTLED));
        return state.getNetworks().stream().anyMatch(k -> k.getPrefix().equals(prefix) && k.getFirstHour() < since);
    }

    /** Mail that a block holds, or that comes while a block should have stopped it, does not make a country normal. */
    private void countCountry(Submission e) {
        Instant at = e.getOccurredAt();
        List<KnownCountry> usual = state.getUsual();
        KnownCountry known = country(e.getCountry());
        if (known == null) {
            boolean blocked = blockedAt(at);
            if (held(e) || blocked) {
                return;
            }
            usual.add(new KnownCountry(e.getCountry(), EventTime.hour(at), EventTime.hour(at)));
        } else {
            known.setFirstHour(Math.min(known.getFirstHour(), EventTime.hour(at)));
            known.setLastHour(Math.max(known.getLastHour(), EventTime.hour(at)));
            if (known == usual.get(usual.size() - 1)) {
                // It was the newest, and is.
                return;
            }
        }
        usual.sort(Comparator.comparing(KnownCountry::getLastHour).thenComparing(KnownCountry::getCode));
        if (usual.size() > MAX_COUNTRIES) {
            usual.remove(0);
        }
    }

    /** What became normal since {@code since} may be the thief's; where the account began is its owner's. */
    public void distrust(Instant since, Finding because) {
        List<KnownCountry> usual = state.getUsual();
        KnownCountry oldest = usual.stream()
                .min(Comparator.comparing(KnownCountry::getFirstHour).thenComparing(KnownCountry::getCode))
                .orElse(null);
        Set<String> blamed = because.getEvidence().stream()
                .map(Evidence::getCountry)
                .filter(country -> country != null)
                .collect(Collectors.toSet());
        boolean owners = usual.size() > 1 || (oldest != null && !blamed.contains(oldest.getCode()));
        usual.removeIf(k -> k.getFirstHour() >= EventTime.hour(since) && !(owners && k == oldest));
        state.getNetworks().removeIf(k -> k.getFirstHour() >= EventTime.hour(since));
        String origin = because.getEvidence().stream()
                .filter(evidence -> evidence.getAsn() != null || evidence.getCountry() != null)
                .map(evidence -> Origins.name(evidence.getAsn(), evidence.getCountry(), evidence.getClientIp()))
                .findFirst()
                .orElse(null);
        origins().distrust(since, origin);
        programs().distrust(since);
    }

    /** Forgets what may not count as evidence any more; what is normal stays. */
    public void spend() {
        state.getMinutes().clear();
        state.getHours().clear();
        guesses().forget();
        forgetAttempts();
        state.setLastPlace(null);
        state.getFindings().clear();
        for (RateScale rate : state.getRates()) {
            rate.setCount(0);
            rate.setUnlearnt(0);
            rate.setPrevious(0);
            rate.setPreviousUnlearnt(0);
            rate.setStrange(0);
            rate.setPreviousStrange(0);
        }
    }

    /**
     * Whether this is what the account does anyway: from where it is at home and no more than on a usual day or, while it has
     * no history, from where it began and slowly.
     */
    public boolean steady(Submission e) {
        Instant at = e.getOccurredAt();
        String origin = origin(e);
        if (state.getActiveDays() > config.historyDays()) {
            return (!strange(e) || silence(e) >= MOVED) && usualForDay(attemptsUnderBlock(at), at);
        }
        long lately = Rings.sum(state.getUnderBlock(), EventTime.hour(at), 2);
        return origins().first(origin) && origins().fleet(origin) >= 0 && lately < config.messagesPerHour();
    }

    private static boolean held(Submission e) {
        return e.getBlockRef() != null;
    }
}
