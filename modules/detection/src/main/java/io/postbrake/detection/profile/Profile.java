package io.postbrake.detection.profile;

import io.postbrake.block.Block;
import io.postbrake.detection.subject.EventTime;
import io.postbrake.detection.subject.Phase;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.Submission;
import io.postbrake.state.Bucket;
import io.postbrake.state.KnownCountry;
import io.postbrake.state.Place;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is remembered of one subject, to be read: {@link ProfileUpdater} changes it. */
public final class Profile {
    /** So unlikely a silence at home, in nats, says that the account's mail comes from elsewhere now. */
    private static final double MOVED = 2;

    private static final double RARE_DAY = 0.05;
    private static final Duration SETTLED = Duration.ofDays(1);
    private final SubjectState state;
    private final ProfileConfig config;
    private final boolean account;
    private final boolean client;
    private final SourceNetworks origins;

    public Profile(SubjectState state, ProfileConfig config) {
        this.state = state;
        this.config = config;
        account = SubjectKeys.is(SubjectKeys.SASL_USER, state.getSubjectKey());
        client = SubjectKeys.is(SubjectKeys.CLIENT_IP, state.getSubjectKey());
        origins = new SourceNetworks(state);
    }

    public ProfileConfig config() {
        return config;
    }

    /** Key of the subject. */
    public String subjectKey() {
        return state.getSubjectKey();
    }

    /** What is known of an event before it is folded in: computed once, and what every detector compares with. */
    public SubmissionContext see(Submission e) {
        Phase phase = Phase.of(e);
        if (!account) {
            return new SubmissionContext(e, phase, null, null, false, true, true, false, false);
        }
        Instant at = e.getOccurredAt();
        String origin = SourceNetworks.name(e);
        String program = ClientPrograms.name(e);
        boolean history = earlierDays(at) >= config.historyDays();
        return new SubmissionContext(
                e,
                phase,
                origin,
                program,
                history,
                !history || origins.settled(origin, at),
                !history || programs().settled(program, at),
                frontEnds().shared(e),
                frontEnds().crowded(e));
    }

    /** How much was sent in the windows that are open at a time, beside what is usual; what was refused elsewhere was sent, too. */
    public List<OpenWindow> rates(Instant at) {
        return state.getRefusals().isEmpty()
                ? SendingRates.open(state.getRates(), at)
                : SendingRates.open(state.getRates(), at, refusals());
    }

    /** Messages that the host refused. */
    public Refusals refusals() {
        return new Refusals(state);
    }

    /** Hours of the last day in each of which so many messages or more were sent. */
    public long hoursWith(double messages, Instant at) {
        long now = EventTime.hour(at);
        return state.getHours().stream()
                .filter(h ->
                        h.getIndex() <= now && h.getIndex() > now - SparseWindow.HOURS && h.getMessages() >= messages)
                .count();
    }

    /** Where the newest attempt came from that a place is known of; null when there is none. */
    public @Nullable Place lastPlace() {
        return state.getLastPlace();
    }

    /**
     * Whether it had been decided to block it when this happened: what came before, and is read late, is no going on in spite of a
     * block. A refusal by the block says so itself, whatever the host's clock says.
     */
    public boolean blockedAt(Submission e) {
        Block block = state.getBlock();
        return block != null && (e.getBlockRef() != null || !e.getOccurredAt().isBefore(block.getDecidedAt()));
    }

    /** Messages that were accepted so far. */
    public long messages() {
        return state.getMessages();
    }

    /** Logins at an address that a failure may still turn out to have come before, the oldest first. */
    public List<Submission> recentLogins() {
        return List.copyOf(state.getRecentLogins());
    }

    public boolean account() {
        return account;
    }

    public boolean client() {
        return client;
    }

    /** Whether it is one who sends without a login. */
    public boolean withoutLogin() {
        return SubjectKeys.is(SubjectKeys.LOCAL_USER, state.getSubjectKey())
                || SubjectKeys.is(SubjectKeys.RELAY_SENDER, state.getSubjectKey());
    }

    /** Whether the account's own history is long enough for novelty to mean something. */
    public boolean experienced() {
        return state.getActiveDays() >= config.historyDays() && state.getMessages() >= config.historyMessages();
    }

    /** Whether the country is normal for the account. */
    public boolean usualCountry(String code) {
        return UsualPlaces.country(state, code) != null;
    }

    /** Countries that are normal for the account, the most recently used last. */
    public List<String> countries() {
        return state.getUsual().stream().map(KnownCountry::getCode).toList();
    }

    public long messagesInHour(Instant at) {
        return SparseWindow.most(state.getMinutes(), EventTime.minute(at), SparseWindow.MINUTES, Bucket::getMessages);
    }

    public long messagesInDay(Instant at) {
        return SparseWindow.most(state.getHours(), EventTime.hour(at), SparseWindow.HOURS, Bucket::getMessages);
    }

    public long recipientsInHour(Instant at) {
        return SparseWindow.most(state.getMinutes(), EventTime.minute(at), SparseWindow.MINUTES, Bucket::getRecipients);
    }

    public long recipientsInDay(Instant at) {
        return SparseWindow.most(state.getHours(), EventTime.hour(at), SparseWindow.HOURS, Bucket::getRecipients);
    }

    public SourceNetworks origins() {
        return origins;
    }

    /** The circular that the account is known to send. */
    public Circulars circulars() {
        return new Circulars(state, this);
    }

    ClientPrograms programs() {
        return new ClientPrograms(state);
    }

    public SendingHabits habits() {
        return new SendingHabits(state);
    }

    /** Days with mail before the day of {@code at}. */
    private long earlierDays(Instant at) {
        return SourceNetworks.daysBefore(at, state.getActiveDays(), state.getNewestDay(), state.getDayBefore());
    }

    /** Whether the event may be the first that comes from its network: an attempt, or a message from where none came before. */
    public boolean beginsFrom(SubmissionContext seen) {
        // A message's place may have become known only after its login, when a file of places was renewed.
        boolean accepted = seen.phase() == Phase.ACCEPTED;
        return account
                && (accepted || seen.phase() == Phase.ATTEMPT)
                && seen.origin() != null
                && !(accepted && origins.knows(seen.origin()));
    }

    /** Whether the fleet is to be asked about a network: when it is new, and daily until it knows while there is no history. */
    public boolean asksAbout(String origin, Instant at) {
        return origins().isNew(origin, at, !experienced());
    }

    /** Whether what the fleet heard of a network is to be corrected, because an earlier attempt arrived later. */
    public boolean corrects(String origin, Instant at) {
        return origins().earlier(origin, at, !experienced());
    }

    /** How strange the place of the event is for an account that has a history: a log-likelihood ratio, in nats. */
    public double strangeness(SubmissionContext seen) {
        return seen.abroad() ? origins.weight(seen.origin(), seen.event().getOccurredAt()) : 0;
    }

    /** What the silence at home says for the owner, in nats, see {@link HomeInactivity}. */
    public double silence(Submission e) {
        return new HomeInactivity(state, habits()).weight(e.getOccurredAt());
    }

    /** Whether the silence at home explains as many messages from elsewhere. */
    public boolean missed(long messages, Submission e) {
        return new HomeInactivity(state, habits()).explains(messages, e.getOccurredAt());
    }

    /** The same for the program. */
    public double strangenessOfProgram(SubmissionContext seen) {
        return seen.history() ? programs().weight(seen.program(), seen.event().getOccurredAt()) : 0;
    }

    /** Event time of the newest thing that is known of the subject. */
    public Instant newest() {
        return state.getLastSeenAt();
    }

    /** Attempts since the block in force began, within the day up to {@code at}. */
    public long attemptsUnderBlock(Instant at) {
        return RingWindow.most(state.getUnderBlock(), EventTime.hour(at), RingWindow.HOURS);
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
        OpenWindow day = SendingRates.day(state.getRates(), at);
        return day != null && day.tail(1, messages) >= RARE_DAY;
    }

    /** Whether it is a range of addresses. */
    public boolean range() {
        return !account && !client && SubjectKeys.is(SubjectKeys.CLIENT_NET, state.getSubjectKey());
    }

    /** What is known of a range of addresses. */
    public RangeHistory rangeHistory() {
        return new RangeHistory(state);
    }

    public Residents residents() {
        return new Residents(state);
    }

    /** Addresses nearby that the account logs in from. */
    public FrontEnds frontEnds() {
        return new FrontEnds(state);
    }

    /** How the account's mailbox is read. */
    public MailboxUse mailbox() {
        return new MailboxUse(state);
    }

    public FailedLogins guesses() {
        return new FailedLogins(state);
    }

    /** Whether the event tells of a password that was tried, and was not the right one as far as anybody knows. */
    public boolean guessed(Submission e) {
        return switch (Phase.of(e)) {
            case AUTH_FAILED -> true;
            case AUTH_UNANSWERED -> client() && guesses().attempted(e.getOccurredAt());
            default -> false;
        };
    }

    /** Whether the account has sent from the neighbourhood of this address for a day or longer. */
    public boolean atHome(@Nullable String ip, Instant at) {
        if (ip == null) {
            return false;
        }
        String prefix = Networks.prefix(ip);
        long since = EventTime.hour(at.minus(SETTLED));
        return state.getNetworks().stream().anyMatch(k -> k.getPrefix().equals(prefix) && k.getFirstHour() < since);
    }

    /**
     * Whether this is what the account does anyway: from where it is at home and no more than on a usual day or, while it has
     * no history, from where it began and slowly.
     */
    public boolean steady(SubmissionContext seen) {
        Submission e = seen.event();
        Instant at = e.getOccurredAt();
        if (state.getActiveDays() > config.historyDays()) {
            return (!seen.strange() || silence(e) >= MOVED) && usualForDay(attemptsUnderBlock(at), at);
        }
        long lately = RingWindow.sum(state.getUnderBlock(), EventTime.hour(at), 2);
        return origins.first(seen.origin()) && origins.fleet(seen.origin()) >= 0 && lately < config.newcomersPace();
    }
}
