package io.postbrake.detection.decision;

import io.postbrake.alert.Alert;
import io.postbrake.detection.brake.FleetBrake;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.detector.NewCountryForFleet;
import io.postbrake.detection.detector.Risk;
import io.postbrake.detection.notice.Notice;
import io.postbrake.detection.profile.ProfileSeeding;
import io.postbrake.detection.profile.SourceNetworks;
import io.postbrake.detection.subject.StableIds;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.finding.Evidence;
import io.postbrake.finding.Finding;
import io.postbrake.state.FleetPlace;
import io.postbrake.state.Newcomer;
import io.postbrake.state.ResolvedIncident;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is normal for all accounts together: the countries and networks that they send from. An account tells it of each network
 * that is new for the account, and is answered whether many send from there or hardly anybody does. So the fleet hears a few
 * words of an account in its life, not every message.
 */
final class FleetReducer implements Reducer {
    private static final String USUAL = "usual-for-fleet";
    private static final int ENOUGH_ACCOUNTS = 2;
    private static final int KEPT_ACCOUNTS = 4;
    private static final int MAX_PLACES = 3000;
    private static final double USUAL_SHARE = 0.05;
    /** Arrivals may be out of order by so much: who came later than that is not counted yet. */
    private static final Duration LATE = Duration.ofMinutes(1);

    private final DetectionConfig config;
    private final NewCountryForFleet rare;
    private final List<Finding> findings = new ArrayList<>();
    private final List<Notice> notices = new ArrayList<>();
    private final List<Alert> alerts = new ArrayList<>();
    private final List<String> forgotten = new ArrayList<>();
    private SubjectState state;
    /** Whether anything was said to it, so that the state is to be kept. */
    private boolean known;

    private FleetHistory history;
    private FleetBrake brake;

    /** {@code stateOrNull} is left as it is. */
    FleetReducer(@Nullable SubjectState stateOrNull, DetectionConfig config) {
        this.config = config;
        this.rare = config.detectors().only(NewCountryForFleet.class);
        this.known = stateOrNull != null;
        this.state = stateOrNull == null ? States.fresh(SubjectKeys.FLEET) : stateOrNull;
        this.history = new FleetHistory(state, config);
        this.brake = new FleetBrake(state, config, alerts, notices);
    }

    private void remember(SubjectState own) {
        known = true;
        state = own;
        history = new FleetHistory(state, config);
        brake = new FleetBrake(state, config, alerts, notices);
    }

    @Override
    public void take(Input in) {
        if (in instanceof Input.Seed learnt) {
            learn(learnt.profile());
        } else if (in instanceof Input.Notified news) {
            own();
            hear(news.notice());
        } else if (in instanceof Input.Tick tick && known) {
            own();
            tick(tick.now());
        }
    }

    /** From here on the state is this turn's own, but for its lists. */
    private void own() {
        remember(known ? ShallowCopy.copy(state, new SubjectState()) : state);
    }

    private void learn(SubjectState learnt) {
        if (ProfileSeeding.helps(learnt, known ? state : null, SubjectKeys.FLEET)) {
            remember(known ? States.copy(state) : state);
            ProfileSeeding.apply(state, States.copy(learnt));
        }
    }

    private void hear(Notice notice) {
        if (notice.readAt() != null) {
            history.reading(notice.readAt());
        }
        Evidence where = notice instanceof Notice.NewNetworkSeen seen ? seen.where() : null;
        if (notice instanceof Notice.NewNetworkSeen seen && where != null) {
            if (!seen.corrects() && experienced(seen.at()) && where.getCountry() != null) {
                answer(seen, where);
            }
            learn(seen, where);
        } else if (notice instanceof Notice.PastIncident past) {
            history.add(past);
        } else if (notice instanceof Notice.ActiveToday active) {
            brake.active(active);
            LoginHistory.began(state, active.at());
        } else if (notice instanceof Notice.HistoryAsked asked) {
            if (LoginHistory.enough(state, rare, asked.at())) {
                notices.add(new Notice.FleetHasHistory(asked.from(), asked.at(), asked.readAt()));
            }
        } else if (notice instanceof Notice.BlockBegan block) {
            Instant tick = state.getLastTickAt();
            brake.began(block, tick == null || block.at().isAfter(tick) ? block.at() : tick);
        }
    }

    /** Time passes: what is due by then happens. */
    private void tick(Instant now) {
        state.setLastTickAt(now);
        history.pass(now, alerts);
        brake.pass(now);
        List<ResolvedIncident> resolved = new ArrayList<>(state.getResolved());
        for (Alert alert : alerts) {
            if (alert.getState().equals("RESOLVED")) {
                resolved.add(new ResolvedIncident(alert.getIncidentId().toString(), now));
            }
        }
        while (!resolved.isEmpty()
                && !now.isBefore(resolved.get(0).getAt().plus(config.alert().keep()))) {
            forgotten.add(resolved.remove(0).getIncidentId());
        }
        state.setResolved(resolved);
    }

    @Override
    public SubjectOutput outputs() {
        return new SubjectOutput(
                known ? state : null,
                findings,
                alerts,
                forgotten,
                new SubjectOutput.BlockChange.None(),
                deadline(),
                notices,
                null,
                null);
    }

    @Override
    public @Nullable Instant deadline() {
        if (!known) {
            return null;
        }
        Instant forget = state.getResolved().isEmpty()
                ? null
                : state.getResolved().get(0).getAt().plus(config.alert().keep());
        return Stream.of(Optional.ofNullable(forget), history.deadline(), brake.deadline())
                .flatMap(Optional::stream)
                .min(Comparator.naturalOrder())
                .orElse(null);
    }

    private boolean experienced(Instant at) {
        return state.getFirstSeenAt() != null
                && !state.getFirstSeenAt().plus(Duration.ofDays(rare.days())).isAfter(at)
                && state.getMessages() >= rare.accounts();
    }

    private void answer(Notice.NewNetworkSeen seen, Evidence where) {
        FleetPlace country = place(where.getCountry());
        long others = country == null
                ? 0
                : country.getAccounts().stream()
                        .filter(n -> !n.getAccount().equals(hash(seen.from())))
                        .filter(n -> n.getAt().isBefore(seen.at().minus(LATE)))
                        .count();
        if (country == null || others < ENOUGH_ACCOUNTS) {
            findings.add(unusual(seen, where));
        } else if (country.getCount() >= USUAL_SHARE * state.getMessages()) {
            Evidence usual = with("Many accounts of the fleet send from " + where.getCountry(), where);
            new FleetDomains(state).share(seen.from(), where.getCountry()).ifPresent(share -> {
                usual.setValue(share);
                usual.setLimit(USUAL_SHARE);
            });
            notices.add(new Notice.UsualForFleet(id(USUAL, seen, where), seen.from(), seen.at(), seen.readAt(), usual));
        }
    }

    private Finding unusual(Notice.NewNetworkSeen seen, Evidence where) {
        String title = "Mail from " + where.getCountry() + ", which hardly any account of the fleet sends from";
        boolean dryRun = config.dryRun().contains(rare.id());
        return Finding.newBuilder()
                .setFindingId(id(rare.id(), seen, where))
                .setSubject(SubjectKeys.bare(seen.from()))
                .setSubjectType(SubjectKeys.type(seen.from()))
                .setDetector(rare.id())
                .setScore(Risk.score(NewCountryForFleet.WEIGHT, config.profile().prior()))
                .setObserveOnly(dryRun)
                .setDryRun(dryRun)
                .setTitle(title)
                .setOccurredAt(seen.at())
                .setReadAt(seen.readAt())
                .setHostId(where.getHostId())
                .setOriginSubject(SubjectKeys.FLEET)
                .setEvidence(List.of(with(title, where)))
                .build();
    }

    private static Evidence with(String text, Evidence where) {
        return Evidence.newBuilder(where).setText(text).build();
    }

    private static UUID id(String what, Notice.NewNetworkSeen seen, Evidence where) {
        return StableIds.of(
                "finding",
                what,
                seen.from(),
                seen.at().toEpochMilli(),
                SourceNetworks.name(where.getAsn(), where.getCountry(), where.getClientIp()));
    }

    private void learn(Notice.NewNetworkSeen seen, Evidence e) {
        Instant at = seen.at();
        state.setFirstSeenAt(
                state.getFirstSeenAt() == null || at.isBefore(state.getFirstSeenAt()) ? at : state.getFirstSeenAt());
        state.setLastSeenAt(
                state.getLastSeenAt() == null || at.isAfter(state.getLastSeenAt()) ? at : state.getLastSeenAt());
        if (e.getCountry() == null) {
            return;
        }
        long counts = seen.corrects() ? 0 : 1;
        if (!seen.corrects()) {
            new FleetDomains(state).began(seen.from(), e.getCountry());
        }
        state.setMessages(state.getMessages() + counts);
        FleetPlace country = place(e.getCountry());
        List<FleetPlace> places = new ArrayList<>(state.getPlaces());
        if (country == null) {
            if (places.size() >= MAX_PLACES) {
                return;
            }
            country = new FleetPlace(e.getCountry(), List.of(), 0L);
            places.add(country);
        }
        List<Newcomer> first = new ArrayList<>(country.getAccounts());
        String hash = hash(seen.from());
        Newcomer known = first.stream()
                .filter(n -> n.getAccount().equals(hash))
                .findFirst()
                .orElse(null);
        if (known == null) {
            first.add(new Newcomer(hash, at, false));
        } else if (at.isBefore(known.getAt())) {
            first.remove(known);
            first.add(new Newcomer(hash, at, false));
        }
        first.sort(Comparator.comparing(Newcomer::getAt).thenComparing(Newcomer::getAccount));
        if (first.size() > KEPT_ACCOUNTS) {
            first = first.subList(0, KEPT_ACCOUNTS);
        }
        String code = country.getName();
        places.replaceAll(p -> p.getName().equals(code) ? ShallowCopy.copy(p, new FleetPlace()) : p);
        FleetPlace own = places.stream()
                .filter(p -> Objects.equals(p.getName(), code))
                .findFirst()
                .orElseThrow();
        own.setAccounts(new ArrayList<>(first));
        own.setCount(own.getCount() + counts);
        state.setPlaces(places);
    }

    private @Nullable FleetPlace place(String name) {
        return state.getPlaces().stream()
                .filter(p -> p.getName().equals(name))
                .findFirst()
                .orElse(null);
    }

    private static String hash(String account) {
        return Long.toString(StableIds.of("account", account).getMostSignificantBits(), 36);
    }
}
