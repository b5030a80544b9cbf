package io.postbrake.detection.profile;

import io.postbrake.detection.subject.EventTime;
import io.postbrake.detection.subject.Phase;
import io.postbrake.event.Submission;
import io.postbrake.state.Mailbox;
import io.postbrake.state.Origin;
import io.postbrake.state.Place;
import io.postbrake.state.ReadNetwork;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where an account's mailbox is read from, and with what, as far as logins without mail tell. Programs poll, so that days count
 * and nothing else: a mailbox that a telephone, a desk and a provider's cloud ask every minute has three places, and a thief who
 * asks as often is at home no sooner. Where mail is sent from is another matter and stays as it is.
 */
public final class MailboxUse {
    /** Days with logins after which a place that is new says anything. */
    private static final long HISTORY = 7;
    /** Places of the first days are the owner's, as far as anybody knows. */
    private static final long BEGINNING = 3;
    /** Days after which a later place is one, too. */
    private static final long HOME_DAYS = 14;

    private static final double MOST_STRANGE = 5;
    private static final int MOST_PLACES = 12;
    private static final int MOST_PROGRAMS = 8;
    private static final int MOST_NETWORKS = 32;
    private static final int KEEP_DAYS = 120;
    /** A new place is not told of more often, and an older one that is none of the owner's far seldomer. */
    private static final Duration TOLD_EVERY = Duration.ofHours(1);

    private static final Duration REMINDED_EVERY = Duration.ofDays(7);
    private static final long NEW_DAYS = 1;

    private final SubjectState state;

    MailboxUse(SubjectState state) {
        this.state = state;
    }

    /** Whether it was read for long enough before the day of {@code at}. */
    public boolean history(Instant at) {
        return state.getMailbox() != null && daysBefore(state.getMailbox(), at) >= HISTORY;
    }

    private static long daysBefore(Mailbox m, Instant at) {
        return SourceNetworks.daysBefore(at, m.getDays(), m.getNewestDay(), m.getDayBefore());
    }

    /** Whether the owner reads it from there: from the beginning, or on many days since. */
    public boolean home(@Nullable String name, Instant at) {
        Origin known = find(name);
        return known != null && home(known, at);
    }

    private boolean home(Origin o, Instant at) {
        long before = SourceNetworks.daysBefore(o, at);
        return before >= HOME_DAYS || (before > 0 && o.getFirstDay() <= begun() + BEGINNING);
    }

    private long begun() {
        return places().stream().mapToLong(Origin::getFirstDay).min().orElse(0);
    }

    /** Whether a login from there is to be told of now. */
    public boolean tells(@Nullable String name, Instant at) {
        Origin known = find(name);
        return name != null && (known == null || due(known, at));
    }

    private static boolean due(Origin known, Instant at) {
        Duration every = day(at) - known.getFirstDay() <= NEW_DAYS ? TOLD_EVERY : REMINDED_EVERY;
        return known.getToldMillis() == 0 || at.toEpochMilli() - known.getToldMillis() >= every.toMillis();
    }

    /**
     * Whether it lies in no country of the owner's, who is at home all the while: a day there counts for nobody. A traveller's
     * home falls silent; whoever has the mailbox fetched from abroad says so, or it is not the owner. A home of no known country,
     * such as a webmail's, may be where the owner is, too.
     */
    private boolean besideHome(String name, Instant at) {
        String country = SourceNetworks.country(name);
        if (!isCountry(country)) {
            return false;
        }
        boolean inUse = false;
        for (Origin o : places()) {
            if (home(o, at) && SourceNetworks.country(o.getName()).equals(country)) {
                return false;
            }
            inUse |= home(o, at) && isCountry(SourceNetworks.country(o.getName())) && o.getNewestDay() >= day(at) - 1;
        }
        return inUse;
    }

    private static boolean isCountry(String code) {
        return code.length() == 2;
    }

    /** How many times as likely the network is for a thief as for who reads it from home, as a logarithm. */
    public double strangeness(String name, Instant at) {
        String country = SourceNetworks.country(name);
        Set<String> countries = new HashSet<>();
        double days = 0;
        double daysHere = 0;
        double networksHere = 0;
        for (Origin o : places()) {
            if (!home(o, at)) {
                continue;
            }
            double before = SourceNetworks.daysBefore(o, at);
            days += before;
            countries.add(SourceNetworks.country(o.getName()));
            if (SourceNetworks.country(o.getName()).equals(country)) {
                daysHere += before;
                networksHere++;
            }
        }
        if (days == 0) {
            return 0;
        }
        double weight = daysHere == 0
                ? Math.log((days + countries.size()) / countries.size())
                : Math.log((daysHere + networksHere) / networksHere);
        return Math.min(MOST_STRANGE, weight);
    }

    /** Countries of where it is read from at home, as far as files of places tell. */
    public List<String> countries(Instant at) {
        return places().stream()
                .filter(o -> home(o, at))
                .map(o -> SourceNetworks.country(o.getName()))
                .filter(MailboxUse::isCountry)
                .distinct()
                .sorted()
                .toList();
    }

    /**
     * The networks that it is read from at home, in CIDR notation: all that an account is left where others are to be kept out.
     * Wide ones, for a telephone's address changes; empty where no home is known.
     */
    public List<String> homeNetworks(Instant at) {
        return state.getMailbox() == null
                ? List.of()
                : state.getMailbox().getNetworks().stream()
                        .filter(one -> home(one.getPlace(), at))
                        .map(ReadNetwork::getCidr)
                        .distinct()
                        .sorted()
                        .toList();
    }

    /** Networks that began within a day of {@code at} where the owner is not at home; {@code name} is one of them. */
    public long strangeSince(String name, Instant at) {
        long day = day(at);
        return 1
                + places().stream()
                        .filter(o -> !o.getName().equals(name) && o.getFirstDay() >= day - 1 && !home(o, at))
                        .count();
    }

    /** Where the newest login came from that a place is known of; null when there is none. */
    public @Nullable Place lastPlace() {
        return state.getMailbox() == null ? null : state.getMailbox().getLastPlace();
    }

    /**
     * Somebody logged in.
     *
     * @param trusted whether the day counts for a place that is not known yet
     */
    void used(Submission login, boolean trusted) {
        if (Phase.of(login) != Phase.LOGIN) {
            return;
        }
        Instant at = login.getOccurredAt();
        if (state.getMailbox() == null) {
            state.setMailbox(new Mailbox(0L, -1L, -1L, new ArrayList<>(), new ArrayList<>(), null, new ArrayList<>()));
        }
        Mailbox m = state.getMailbox();
        countDay(m, day(at));
        String name = SourceNetworks.name(login);
        if (name != null) {
            boolean strange = !home(name, at);
            boolean counts = !strange || (trusted && (m.getDays() <= BEGINNING || !besideHome(name, at)));
            Origin place = use(m.getPlaces(), name, at, counts);
            if (strange && due(place, at)) {
                // The whole hour: the same whichever host's line of it comes first.
                place.setToldMillis(3_600_000L * EventTime.hour(at));
            }
            m.setPlaces(bounded(m.getPlaces(), MOST_PLACES, day(at)));
            if (counts) {
                countNetwork(m, login, name);
            }
        }
        use(m.getPrograms(), program(login), at, trusted);
        m.setPrograms(bounded(m.getPrograms(), MOST_PROGRAMS, day(at)));
        Place place = Places.of(login);
        if (place != null && Places.newer(place, m.getLastPlace())) {
            m.setLastPlace(place);
        }
    }

    private static void countNetwork(Mailbox m, Submission login, String place) {
        String cidr = login.getClientIp() == null ? null : Networks.wideCidr(login.getClientIp());
        if (cidr == null) {
            return;
        }
        long day = day(login.getOccurredAt());
        List<ReadNetwork> all = new ArrayList<>(m.getNetworks());
        ReadNetwork known = null;
        for (ReadNetwork one : all) {
            known = one.getCidr().equals(cidr) && one.getPlace().equals(place) ? one : known;
        }
        if (known == null) {
            all.add(new ReadNetwork(cidr, place, day));
        } else {
            known.setNewestDay(Math.max(known.getNewestDay(), day));
        }
        all.sort(Comparator.comparing(ReadNetwork::getNewestDay)
                .thenComparing(ReadNetwork::getCidr)
                .thenComparing(ReadNetwork::getPlace));
        all.removeIf(one -> one.getNewestDay() < day - KEEP_DAYS);
        if (all.size() > MOST_NETWORKS) {
            all.remove(0);
        }
        m.setNetworks(all);
    }

    private static Origin use(List<Origin> all, String name, Instant at, boolean counts) {
        Origin known = null;
        for (Origin o : all) {
            known = o.getName().equals(name) ? o : known;
        }
        if (known == null) {
            known = Origin.newBuilder().setName(name).setFirstDay(day(at)).build();
            all.add(known);
        }
        known.setFirstDay(Math.min(known.getFirstDay(), day(at)));
        if (counts) {
            OriginUpdater.countDay(known, day(at));
        }
        return known;
    }

    private static List<Origin> bounded(List<Origin> all, int most, long day) {
        List<Origin> kept = new ArrayList<>(all);
        kept.removeIf(o -> Math.max(o.getNewestDay(), o.getFirstDay()) < day - KEEP_DAYS);
        kept.sort(Comparator.comparing(Origin::getName));
        OriginUpdater.bound(kept, most);
        return kept;
    }

    private static void countDay(Mailbox m, long day) {
        if (day > m.getNewestDay()) {
            m.setDayBefore(m.getNewestDay());
            m.setNewestDay(day);
            m.setDays(m.getDays() + 1);
        } else if (day < m.getNewestDay() && day > m.getDayBefore()) {
            m.setDayBefore(day);
            m.setDays(m.getDays() + 1);
        }
    }

    private static String program(Submission login) {
        return login.getService()
                + (login.getSaslMethod() == null ? "" : " " + login.getSaslMethod())
                + (login.getTls() == null ? "" : " " + login.getTls());
    }

    /** Places that began since then may be the thief's. */
    void distrust(Instant since) {
        for (Origin o : places()) {
            if (o.getFirstDay() > day(since) && o.getFirstDay() > begun()) {
                o.setDays(0);
                o.setNewestDay(-1);
                o.setDayBefore(-1);
            }
        }
    }

    /** An operator says that all was well: whoever read it from where it was read, is at home there. */
    void accept() {
        for (Origin o : places()) {
            o.setDays(Math.max(o.getDays(), HOME_DAYS + 2));
        }
    }

    private @Nullable Origin find(@Nullable String name) {
        for (Origin o : places()) {
            if (o.getName().equals(name)) {
                return o;
            }
        }
        return null;
    }

    private List<Origin> places() {
        return state.getMailbox() == null ? List.of() : state.getMailbox().getPlaces();
    }

    private static long day(Instant at) {
        return Math.floorDiv(at.getEpochSecond(), SourceNetworks.DAY);
    }
}
